// Everything works without this file. With it a form goes out without a reload, and what was typed stays where the line
// breaks or the answer is a refusal; a frame grows with its page. Loaded after htmx, which also polls for progress.
(() => {
  const { htmx } = window;
  Object.assign(htmx.config, {
    allowEval: false,
    includeIndicatorStyles: false,
    // Pages hold names: the browser keeps none of them, and Back asks again.
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    // Nothing is animated from one page to the next; a copied style attribute would break the content security policy.
    attributesToSettle: [],
  });

  const framed = window.parent !== window;
  document.documentElement.classList.toggle('framed', framed);

  // A platform that listens lets its frame grow (Canvas takes the object, Brightspace the text; others ignore both).
  let height = 0;
  function grow() {
    const now = Math.ceil(document.body.getBoundingClientRect().height);
    if (now === height) return;
    height = now;
    const message = { subject: 'lti.frameResize', height };
    window.parent.postMessage(message, '*');
    window.parent.postMessage(JSON.stringify(message), '*');
  }
  if (framed) new ResizeObserver(grow).observe(document.body);

  function showTab() {
    const tab = document.querySelector('.tabs [aria-current]');
    if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 32;
  }
  showTab();

  function say(form, content) {
    const note = document.createElement('div');
    note.className = 'note bad unsent stack tight';
    note.setAttribute('role', 'alert');
    form.prepend(note);
    note.append(content);
    note.scrollIntoView({ block: 'nearest' });
  }

  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    const its = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';
    const address = new URL(its('action') || location.href, location.href);
    const ours = address.origin === location.origin && address.pathname.startsWith('/l/');
    if (event.defaultPrevented || !ours || its('method').toLowerCase() !== 'post' || its('target')) return;
    event.preventDefault();
    // A second tap on a slow line must not send it twice.
    if (form.classList.contains('htmx-request')) return;
    form.querySelector('.unsent')?.remove();
    // htmx knows the button that was clicked: its value goes along, and its formnovalidate counts.
    htmx.ajax('POST', address.href, {
      source: form,
      target: 'body',
      swap: 'innerHTML show:window:top',
      push: 'true',
      headers: { 'HX-Boosted': 'true' },
    });
  });

  document.addEventListener('htmx:sendError', ({ target }) => {
    if (target.matches('form')) say(target, document.getElementById('unsent').content.cloneNode(true));
  });

  // An answer to a form is a page, also where fields have to be corrected; a refusal is said in the form that stays.
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (!elt.matches('form')) {
      // A progress page whose visit is over says so.
      if (detail.xhr.status === 401) location.reload();
      return;
    }
    const words = new DOMParser()
      .parseFromString(detail.xhr.response, 'text/html')
      .querySelectorAll('#failure p:not(.row)');
    detail.shouldSwap = words.length === 0;
    detail.isError = false;
    const content = document.createDocumentFragment();
    content.append(...words);
    if (words.length > 0) say(elt, content);
  });

  // What is put right is red no more.
  document.addEventListener('input', ({ target }) => {
    const { form } = target;
    if (!form) return;
    if (target.getAttribute('aria-invalid') === 'true' && target.checkValidity()) {
      target.removeAttribute('aria-invalid');
      target.parentElement.querySelector('.error')?.remove();
    }
    if (form.querySelector('[aria-invalid=true], .error') || !form.checkValidity()) return;
    form.parentElement.querySelector(':scope > .note.bad[role=alert]')?.remove();
  });

  let said = document.querySelector('h1')?.textContent;
  document.addEventListener('htmx:afterSettle', ({ detail }) => {
    const heading = document.querySelector('h1');
    if (detail.target === document.body) {
      const place = document.querySelector('main [aria-invalid=true]') ?? heading;
      if (place === heading) place?.setAttribute('tabindex', '-1');
      place?.focus();
      showTab();
      // A status that comes with its page is not read out by itself.
      document.getElementById('live').textContent = document.getElementById('done')?.textContent ?? '';
    } else if (heading && heading.textContent !== said) {
      // What a progress page has become is told to whoever does not see it.
      document.getElementById('live').textContent = heading.textContent;
    }
    said = heading?.textContent;
  });
})();
