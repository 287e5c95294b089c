// Where no cookie stays in a frame, the platform keeps the browser's key of a login (1EdTech LTI Platform Storage 0.1):
// put before authorization, fetched after it. Silence, an error or a foreign answer shows the way into a window.
(() => {
  const LIMIT_MS = 1500;
  const data = document.getElementById('platform-storage').dataset;
  const platform = window.opener || window.parent;

  const show = (id) => {
    for (const part of ['waiting', 'window']) document.getElementById(part).hidden = part !== id;
  };

  // Sakai sends an error as text, others as an object; some platforms send messages as text.
  const read = (event) => {
    try {
      return typeof event.data === 'string' ? JSON.parse(event.data) : event.data;
    } catch {
      return null;
    }
  };

  const ask = (frame, origin, message) =>
    new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const timer = setTimeout(() => end(reject, new Error('silent')), LIMIT_MS);
      const end = (settle, value) => {
        clearTimeout(timer);
        window.removeEventListener('message', listen);
        settle(value);
      };
      const listen = (event) => {
        // Only what is no secret is asked of any origin, and then the window that was asked has to answer.
        if (origin === '*' ? event.source !== frame : event.origin !== origin) return;
        const answer = read(event);
        if (answer?.message_id !== id || answer.subject !== `${message.subject}.response`) return;
        if (answer.error) end(reject, new Error('refused'));
        else end(resolve, answer);
      };
      window.addEventListener('message', listen);
      frame.postMessage({ ...message, message_id: id }, origin);
    });

  // `_parent` is the embedding window itself, else one of its frames; a platform that named none is asked.
  const frameFor = async (subject) => {
    let name = data.target;
    if (name === '') {
      const { supported_messages: supported } = await ask(platform, '*', { subject: 'lti.capabilities' });
      const able = supported.find((message) => message.subject === subject);
      if (able === undefined) throw new Error('unable');
      name = able.frame ?? '_parent';
    }
    return name === '_parent' ? platform : platform.frames[name];
  };

  const run = async () => {
    if (platform === window) throw new Error('no platform');
    const subject = data.do === 'put' ? 'lti.put_data' : 'lti.get_data';
    const frame = await frameFor(subject);
    const { key, value } = data;
    const answer = await ask(
      frame,
      data.origin,
      value === undefined ? { subject, key } : { subject, key, value },
    );
    if (data.do === 'put') {
      location.replace(data.go);
      return;
    }
    if (typeof answer.value !== 'string' || answer.value === '') throw new Error('nothing kept');
    const form = document.getElementById('prove');
    form.elements.proof.value = answer.value;
    form.submit();
  };

  show('waiting');
  run().catch(() => {
    data.outcome = 'none';
    show('window');
  });
})();
