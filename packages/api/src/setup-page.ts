import { type Page, pageOf } from './page.ts';

/**
 * The page of a set-up link, `/setup#CODE`. The code stands behind the hash, which browsers never send, so it is in no
 * log; looking at the link does not use it up.
 */
export function setupPage(): Page {
  return pageOf(
    'Longshore: set-up',
    `<h1>Longshore</h1>
<p id="text">This link makes an administrator's token, once.</p>
<p><button id="make">Make the token</button></p>
<p><input id="token" readonly hidden aria-label="Token"></p>
<noscript><p>Without JavaScript: <code>curl -d '{"code":"CODE"}' -H 'content-type: application/json' …/v1/setup</code>, where CODE is what follows # in the link.</p></noscript>`,
    `
const make = document.getElementById('make');
const text = document.getElementById('text');
const token = document.getElementById('token');
make.addEventListener('click', async () => {
  make.disabled = true;
  try {
    const reply = await fetch('/v1/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: location.hash.slice(1) || '-' }),
    });
    const value = await reply.json();
    if (!reply.ok) {
      text.textContent = value.detail + ' ' + (value.hint || '');
      return;
    }
    text.textContent = 'This is the token of "' + value.name + '". Keep it now: it is not shown again.';
    token.value = value.secret;
    token.hidden = false;
    token.select();
    make.hidden = true;
  } catch (error) {
    text.textContent = 'The server cannot be reached: ' + error.message;
    make.disabled = false;
  }
});
`,
  );
}
