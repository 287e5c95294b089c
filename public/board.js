// The board works without this file, by links and forms. With it people can be dragged from group to group, and the focus
// goes to who was moved. Everything is listened for on the document, which stays when a page is swapped.
(() => {
  let dragged = null;
  /** Which element is looked for when the answer is here, by id. */
  let wanted = [];
  const groupAt = (target) => target.closest?.('[data-group]') ?? null;
  const unmark = () =>
    document.querySelectorAll('.group.over').forEach((group) => group.classList.remove('over'));

  document.addEventListener('dragstart', (event) => {
    const person = event.target.closest?.('li[data-person]');
    if (!person) return;
    dragged = person;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', person.dataset.person);
    person.classList.add('dragged');
  });
  document.addEventListener('dragover', (event) => {
    const group = groupAt(event.target);
    if (dragged === null || group === null) return;
    event.preventDefault();
    unmark();
    if (group !== groupAt(dragged)) group.classList.add('over');
  });
  document.addEventListener('dragend', () => {
    dragged?.classList.remove('dragged');
    dragged = null;
    unmark();
  });
  document.addEventListener('drop', (event) => {
    const group = groupAt(event.target);
    if (dragged === null || group === null) return;
    event.preventDefault();
    const { person } = dragged.dataset;
    const same = group === groupAt(dragged);
    unmark();
    if (same) return;
    const form = document.getElementById('board');
    form.elements.person.value = person;
    form.elements.to.value = group.dataset.group;
    form.requestSubmit(document.getElementById('drop'));
  });

  document.addEventListener(
    'submit',
    ({ target: form, submitter }) => {
      const person = form.dataset.person ?? (submitter?.id === 'drop' ? form.elements.person.value : null);
      wanted = person ? [`m-${person}`, 'said'] : [submitter?.id, 'said'];
    },
    true,
  );
  document.addEventListener('htmx:afterSettle', ({ detail }) => {
    const said = document.querySelector('#said strong');
    if (detail.target !== document.body || document.getElementById('board') === null) return;
    const place = wanted
      .map((id) => (id ? document.getElementById(id) : null))
      .find((element) => element && !element.disabled);
    wanted = [];
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: 'center' });
    if (said) document.getElementById('live').textContent = document.getElementById('said').innerText;
  });
})();
