// The browser's part of the dashboards: what the address bar asks for, where a click on a picture leads, what happens when nobody answers.
(function () {
  "use strict";
  var root = document.documentElement;

  function question() {
    return { path: window.location.pathname, search: window.location.search, theme: root.getAttribute("data-bs-theme") };
  }

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

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("#page a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (new URL(link.href).pathname !== window.location.pathname) return;
    event.preventDefault();
    go(link.href);
  });

  new MutationObserver(function () {
    window.dash_clientside.set_props("asked", { data: question() });
  }).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });

  var fetched = window.fetch;
  window.fetch = function (address) {
    var callback = String(address && address.url || address).indexOf("/_dash-update-component") >= 0;
    if (!callback) return fetched.apply(window, arguments);
    var trouble = document.getElementById("dash-trouble");
    function away() { if (trouble) { trouble.textContent = trouble.dataset.away; trouble.hidden = false; } }
    busy(true);
    return fetched.apply(window, arguments).then(function (answer) {
      busy(false);
      if (answer.status === 401) window.location.reload();
      else if (answer.status >= 400) away();
      else if (trouble) trouble.hidden = true;
      return answer;
    }, function (error) { busy(false); away(); throw error; });
  };
})();
