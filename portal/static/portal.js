// What the pages do beside htmx: drawer, toasts, choosing rows, keys. Everything works without it too, only less smoothly.
(function () {
  "use strict";
  var drawer = function () { return document.getElementById("drawer"); };

  function closeDrawer() {
    var open = drawer();
    if (open && open.open) open.close();
  }

  function toast(message) {
    var line = document.createElement("div");
    line.className = "toast-line is-ok";
    var words = document.createElement("span");
    words.textContent = message;
    line.appendChild(words);
    document.getElementById("toasts").appendChild(line);
    leave(line);
  }

  function leave(line) { window.setTimeout(function () { line.remove(); }, 6000); }

  function refreshList() {
    var list = document.getElementById("list");
    if (list) window.htmx.ajax("GET", list.dataset.base + window.location.search, { target: "#list", swap: "innerHTML" });
  }

  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.verb !== "get") return;
    var given = event.detail.formData;
    if (!given) return;
    Array.from(given.keys()).forEach(function (key) { if (given.get(key) === "") given.delete(key); });
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    if (target && target.id === "drawer") {
      if (!target.open) target.showModal();
      var first = target.querySelector("[aria-invalid=true], .drawer-body input:not([type=hidden]), .drawer-body select, .drawer-body textarea");
      if (first) first.focus();
    }
    if (target && target.id === "list") {
      var sort = document.querySelector("#filters input[name=sort]");
      if (sort) sort.value = new URLSearchParams(window.location.search).get("sort") || "";
      document.querySelectorAll("[data-export]").forEach(function (link) {
        var query = new URLSearchParams(window.location.search);
        query.delete("page");
        link.href = link.href.split("?")[0] + "?" + query.toString();
      });
    }
  });

  document.addEventListener("htmx:sendError", function () { toast(document.documentElement.lang === "en" ? "No connection. Nothing was saved; try again." : "网络不通，没有保存。请稍后再试。"); });

  document.body.addEventListener("saved", function (event) {
    closeDrawer();
    toast(event.detail.message);
    refreshList();
  });

  function showChosen(form) {
    var boxes = form.querySelectorAll("tbody input[name=id]");
    var chosen = form.querySelectorAll("tbody input[name=id]:checked").length;
    var bar = form.querySelector("[data-bulk]");
    if (bar) {
      bar.hidden = chosen === 0;
      bar.querySelector("[data-count]").textContent = String(chosen);
    }
    var all = form.querySelector("[data-all]");
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest(".table-form");
    if (!form) return;
    if (event.target.matches("[data-all]")) {
      form.querySelectorAll("tbody input[name=id]").forEach(function (box) { box.checked = event.target.checked; });
    }
    showChosen(form);
  });

  document.addEventListener("click", function (event) {
    var target = event.target;
    if (target.closest("[data-print]")) window.print();
    if (target.closest("[data-dismiss]")) target.closest(".toast-line").remove();
    var closer = target.closest("[data-close]");
    if (closer && closer.closest("dialog")) { event.preventDefault(); closeDrawer(); }
    if (target === drawer()) closeDrawer();
    document.querySelectorAll("details.pop[open]").forEach(function (pop) {
      if (!pop.contains(target) || target.closest(".pop-body a")) pop.open = false;
    });
  });

  // a file that is too large is not sent: the server would hang up before its answer is read
  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-largest]");
    var file = form && form.querySelector("input[type=file]").files[0];
    if (!file) return;
    var tooLarge = file.size > Number(form.dataset.largest) * 1024 * 1024;
    form.querySelector("[data-too-large]").hidden = !tooLarge;
    if (tooLarge) event.preventDefault();
  });

  // a menu inside a table must not be cut off by the table's edge
  document.addEventListener("toggle", function (event) {
    var pop = event.target;
    if (!pop.matches || !pop.matches(".row-tools .pop") || !pop.open) return;
    var body = pop.querySelector(".pop-body");
    var place = pop.getBoundingClientRect();
    body.style.position = "fixed";
    body.style.right = (document.documentElement.clientWidth - place.right) + "px";
    var below = place.bottom + 4;
    body.style.top = (below + body.offsetHeight > window.innerHeight ? place.top - body.offsetHeight - 4 : below) + "px";
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.pop[open]").forEach(function (pop) { pop.open = false; pop.querySelector("summary").focus(); });
      return;
    }
    var typing = event.target.closest("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      var search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });

  document.querySelectorAll(".toasts .toast-line.is-ok").forEach(leave);
})();
