(function () {
  var place = document.getElementById("aloud"), voice = window.speechSynthesis;
  if (!place || !voice || !window.SpeechSynthesisUtterance) return;
  var button = place.firstElementChild, start = button.textContent, parts = document.querySelectorAll("h1,.alarm,.next p:not(#aloud),.why li");
  function quiet() { voice.cancel(); button.textContent = start; }
  button.onclick = function () {
    if (voice.speaking) return quiet();
    var words = Array.prototype.map.call(parts, function (part) { return part.textContent.replace(/[✓✕!?]/g, ""); }).join("\n");
    var said = new SpeechSynthesisUtterance(words);
    said.lang = document.documentElement.lang;
    said.onend = said.onerror = quiet;
    button.textContent = button.getAttribute("data-stop");
    voice.speak(said);
  };
  place.hidden = false;
})();
