// Sends a launch on by itself, and leaves an installation when the tool says that it is done.
document.getElementById('launch')?.submit();
window.addEventListener('message', ({ data }) => {
  const subject = typeof data === 'object' && data !== null ? data.subject : undefined;
  if (subject === 'org.imsglobal.lti.close' && window.location.pathname.startsWith('/tools')) {
    window.location.assign('/tools');
  }
});
