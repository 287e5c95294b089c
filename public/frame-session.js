// A session in a frame that keeps no cookie: the key lives in this document alone. Pages are fetched with it and shown
// in its place, so the document stays; it stands in no address, and a reload leads back to the course.
(() => {
  const given = document.getElementById('frame-session');
  const { key, address } = given.dataset;
  delete given.dataset.key;
  const { htmx } = window;
  // Refusals are pages as well.
  htmx.config.responseHandling = [{ code: '.*', swap: true }];
  // Pages below a visit bring no script of their own; none that got into one is run with the key beside it.
  htmx.config.allowScriptTags = false;

  const isOurs = (target) => new URL(target, location.href).origin === location.origin;
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (isOurs(detail.path)) detail.headers['x-frame-key'] = key;
  });

  const load = (target, push) =>
    htmx.ajax('GET', target, {
      target: 'body',
      swap: 'innerHTML show:window:top',
      headers: { 'HX-Boosted': 'true' },
      ...(push ? { push: 'true' } : { replace: 'true' }),
    });

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href]');
    const plain = !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link === null || !plain || link.target !== '' || !isOurs(link.href)) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash !== '') return;
    event.preventDefault();
    load(link.href, true);
  });
  // Forms that post go out this way already (enhance.js).
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'get' || !isOurs(form.action)) return;
    event.preventDefault();
    const target = new URL(form.getAttribute('action') ?? location.href, location.href);
    target.search = new URLSearchParams(new FormData(form, event.submitter)).toString();
    load(target.href, true);
  });
  // Before htmx, which would reload the frame without the key.
  window.addEventListener('popstate', (event) => {
    event.stopImmediatePropagation();
    load(location.href, false);
  });

  // What is no page is a file to keep.
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { xhr } = detail;
    const type = xhr.getResponseHeader('content-type') ?? 'application/octet-stream';
    if (/^text\/html/.test(type)) return;
    detail.shouldSwap = false;
    const name = /filename="?([^";]+)/.exec(xhr.getResponseHeader('content-disposition') ?? '');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([xhr.response], { type }));
    link.download = name === null ? '' : name[1];
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });

  history.replaceState(null, '', address);
  load(address, false);
})();
