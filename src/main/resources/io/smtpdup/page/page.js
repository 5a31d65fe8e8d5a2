// Puts what is new into the page every five seconds, unless somebody is in the middle of something. Without scripts the page is loaded anew.
"use strict";
(function () {
  var pause = 5000;
  function isBusy(main) {
    var active = document.activeElement;
    var typed = Array.prototype.some.call(main.querySelectorAll("input"), function (field) { return field.value !== field.defaultValue; });
    return document.hidden || typed || (active && main.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName))
      || String(window.getSelection()) !== "";
  }
  function focusable(main) {
    return Array.prototype.slice.call(main.querySelectorAll("a, button, summary, [tabindex]"));
  }
  function later() {
    window.setTimeout(look, pause);
  }
  function look() {
    if (isBusy(document.getElementById("main"))) {
      later();
      return;
    }
    var request = new XMLHttpRequest();
    request.open("GET", window.location.href);
    request.responseType = "document";
    request.timeout = 30000;
    request.onloadend = function () {
      var main = document.getElementById("main");
      var fresh = request.status === 200 && request.response && request.response.getElementById("main");
      if (request.status === 200 && request.responseURL !== window.location.href.split("#")[0]) {
        window.location.reload(); // somebody has to log in
      } else if (fresh && !isBusy(main)) {
        var place = focusable(main).indexOf(document.activeElement);
        var left = Array.prototype.map.call(main.querySelectorAll(".scroll"), function (box) { return box.scrollLeft; });
        main.replaceWith(document.adoptNode(fresh));
        fresh.querySelectorAll(".scroll").forEach(function (box, i) { box.scrollLeft = left[i] || 0; });
        var again = place >= 0 && focusable(fresh)[place];
        if (again) {
          again.focus({preventScroll: true});
        }
      }
      document.body.classList.toggle("stale", !fresh);
      later();
    };
    request.send();
  }
  later();
})();
