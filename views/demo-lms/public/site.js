// Everything works without this file. With it launches go on by themselves, an installation closes when the tool says
// that it is done, frames grow with what is in them, and the page keeps data for a tool whose cookies are blocked.
(() => {
  document.getElementById('launch')?.submit();

  const frame = document.getElementById('tool');
  const LEAST = 300;
  const MOST = 20_000;
  const MOST_KEPT = 100;
  const kept = new Map();

  const able = ['lti.capabilities', 'lti.put_data', 'lti.get_data', 'lti.frameResize'];
  const replies = {
    'lti.capabilities': () => ({ supported_messages: able.map((subject) => ({ subject })) }),
    // A tool finds only what its own origin has put there (1EdTech LTI Platform Storage).
    'lti.put_data': ({ key, value }, origin) => {
      if (kept.size >= MOST_KEPT) return { error: { code: 'storage_exhaustion', message: 'full' } };
      kept.set(`${origin} ${key}`, String(value).slice(0, 4_096));
      return { key, value };
    },
    'lti.get_data': ({ key }, origin) => ({ key, value: kept.get(`${origin} ${key}`) }),
  };

  window.addEventListener('message', ({ data, source, origin }) => {
    if (typeof data !== 'object' || data === null) return;
    const { subject, message_id: id, height } = data;
    if (subject === 'org.imsglobal.lti.close' && location.pathname.startsWith('/tools')) location.assign('/tools?done=installed');
    if (frame === null || source !== frame.contentWindow) return;
    if (subject === 'lti.frameResize' && Number.isFinite(height))
      frame.style.height = `${Math.min(Math.max(height, LEAST), MOST) + frame.offsetHeight - frame.clientHeight}px`;
    const reply = Object.hasOwn(replies, subject) ? replies[subject](data, origin) : null;
    if (reply !== null) source.postMessage({ ...reply, subject: `${subject}.response`, message_id: id }, origin);
  });
})();
