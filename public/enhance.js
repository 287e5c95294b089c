// Everything works without this file; it only saves reloads. Loaded after htmx, which polls and swaps fragments.
window.htmx.config.allowEval = false;
window.htmx.config.includeIndicatorStyles = false;

// A platform that listens lets its frame grow to the page (Canvas takes the object, Brightspace the text; others ignore both).
function grow() {
  if (window.parent === window) return;
  const message = { subject: 'lti.frameResize', height: document.documentElement.scrollHeight };
  window.parent.postMessage(message, '*');
  window.parent.postMessage(JSON.stringify(message), '*');
}
window.addEventListener('load', grow);
document.addEventListener('htmx:afterSettle', grow);

// A second tap on a slow line must not send a form twice.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent === 'yes') event.preventDefault();
  form.dataset.sent = 'yes';
  window.setTimeout(() => delete form.dataset.sent, 4000);
});
