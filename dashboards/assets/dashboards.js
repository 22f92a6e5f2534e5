// The browser's part of the dashboards: what the address bar asks for, where a click on a picture leads, what happens when nobody answers.
(function () {
  "use strict";
  var root = document.documentElement;
  var left = null; // where the keyboard was when the page changed
  var opened = {};
  var SHEET = 660; // what A4 has beside its margins
  var WALL_EVERY = 60000;

  function question() {
    return { path: window.location.pathname, search: window.location.search, theme: root.getAttribute("data-bs-theme") };
  }

  function ask() { window.dash_clientside.set_props("asked", { data: question() }); }

  function busy(on) {
    var page = document.getElementById("page");
    if (page) page.setAttribute("aria-busy", on ? "true" : "false");
  }

  // An address of this same page is asked for without loading the frame again; any other is followed as usual.
  function go(href) {
    var there = new URL(href, window.location.href);
    if (there.origin !== window.location.origin || there.pathname !== window.location.pathname) {
      window.location.assign(there.href);
      return;
    }
    window.history.pushState({}, "", there.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    portal: {
      ask: function () {
        document.querySelectorAll(".preferences input[name=next]").forEach(function (field) {
          field.value = window.location.pathname + window.location.search;
        });
        return question();
      },
      follow: function () {
        var triggered = window.dash_clientside.callback_context.triggered;
        var clicked = triggered.length && triggered[0].value;
        var href = clicked && clicked.points && clicked.points[0] && clicked.points[0].customdata;
        if (href) go(href);
        return window.dash_clientside.no_update;
      }
    }
  });

  // Whoever went on by keyboard goes on from the same part of the page: the table, the filter, or else the heading.
  function remember(link) {
    var section = link.closest("section"), group = link.closest("[role=group]");
    if (link.closest("table") && section) left = "section[aria-labelledby='" + section.getAttribute("aria-labelledby") + "'] .scroll";
    else if (group) left = "[role=group][aria-label='" + group.getAttribute("aria-label") + "'] [aria-current]";
    else left = "h1";
  }

  function resume() {
    var page = document.getElementById("page");
    if (page.contains(document.activeElement)) return; // what had the focus is still there
    var found = page.querySelector(left) || page.querySelector("h1");
    if (!found) return;
    if (!found.matches("a, [tabindex]")) found.setAttribute("tabindex", "-1");
    found.focus({ preventScroll: true });
    if (document.activeElement !== found) page.querySelector("h1").focus({ preventScroll: true });
  }
  document.addEventListener("focusin", function () { left = null; });

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("#page a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (new URL(link.href).pathname !== window.location.pathname) return;
    event.preventDefault();
    remember(link);
    go(link.href);
  });

  // A table that was opened stays open when the page is asked something else.
  function nameOf(details) { return details.closest("section").getAttribute("aria-labelledby"); }
  document.addEventListener("toggle", function (event) {
    if (event.target.matches(".twin") && event.target.isConnected) opened[nameOf(event.target)] = event.target.open;
  }, true);
  function reopen() {
    document.querySelectorAll("#page .twin").forEach(function (details) {
      if (!details.known && opened[nameOf(details)]) details.open = true;
      details.known = true;
    });
  }

  // Names on the map that would cover an earlier one are left out; the greatest come first.
  function part(picture) {
    var taken = [];
    picture.querySelectorAll(".scatterlayer .textpoint, .scattergeo text").forEach(function (name) {
      name.style.visibility = "";
      var box = name.getBoundingClientRect();
      var covered = taken.some(function (one) {
        return box.left < one.right && one.left < box.right && box.top < one.bottom && one.top < box.bottom;
      });
      if (covered) name.style.visibility = "hidden";
      else if (box.width) taken.push(box);
    });
  }

  function tend(picture) {
    if (picture.tended || !picture.on) return;
    picture.tended = true;
    picture.on("plotly_afterplot", function () { part(picture); });
    part(picture);
  }

  // On paper every picture is as wide as the sheet.
  function pictures() { return document.querySelectorAll(".js-plotly-plot"); }
  window.addEventListener("beforeprint", function () {
    pictures().forEach(function (picture) { window.Plotly.relayout(picture, { width: SHEET, height: picture.clientHeight }); });
  });
  window.addEventListener("afterprint", function () {
    pictures().forEach(function (picture) { window.Plotly.relayout(picture, { width: null, height: null, autosize: true }); });
  });

  function onWall() { return new URLSearchParams(window.location.search).get("wall") === "1"; }
  window.setInterval(function () { if (onWall() && document.visibilityState === "visible") ask(); }, WALL_EVERY);

  function watch() {
    new MutationObserver(function () {
      root.classList.toggle("wall", onWall());
      reopen();
      pictures().forEach(tend);
      if (left) resume();
    }).observe(document.getElementById("content"), { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-busy"] });
    var again = document.querySelector("#dash-trouble button");
    if (again) again.addEventListener("click", ask);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();

  new MutationObserver(ask).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });

  // Nobody answers: what is on the page stays, and the page says so and offers to ask again.
  function away(on) {
    var trouble = document.getElementById("dash-trouble");
    if (!trouble) return;
    trouble.hidden = !on;
    var drawn = document.querySelector("#page h1");
    trouble.querySelector("span").textContent = on ? trouble.dataset[drawn ? "kept" : "away"] : "";
  }

  var fetched = window.fetch;
  window.fetch = function (address) {
    var callback = String(address && address.url || address).indexOf("/_dash-update-component") >= 0;
    if (!callback) return fetched.apply(window, arguments);
    busy(true);
    return fetched.apply(window, arguments).then(function (answer) {
      if (answer.status === 401) window.location.reload();
      else away(answer.status >= 400);
      window.setTimeout(function () { busy(false); }, 0);
      return answer;
    }, function (error) { busy(false); away(true); throw error; });
  };
})();
