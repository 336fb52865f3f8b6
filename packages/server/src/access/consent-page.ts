/** The one question of an app's authorization: may this app do that in your name? */
export function consentPage(
  app: string,
  scopes: readonly string[],
  fields: Readonly<Record<string, string>>,
  wantsPatient: boolean,
): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${html(name)}" value="${html(value)}">`,
  );
  const patient = wantsPatient
    ? '<p><label>Patient (id) <input name="patient" required maxlength="64"></label></p>'
    : '';
  return page(`<h1>${html(app)}</h1><p>asks to act in your name:</p><ul>${scopes.map((scope) => `<li>${html(scope)}</li>`).join('')}</ul>
<form method="post" action="/oauth/authorize">${hidden.join('')}${patient}
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny" formnovalidate>Refuse</button></form>`);
}

/** Sends the browser on as a new navigation of ours: a redirect after a form would fall under form-action, and a strict cookie would stay behind. */
export function onwardPage(url: string): string {
  return page(`<meta http-equiv="refresh" content="0;url=${html(url)}"><p><a href="${html(url)}">Continue</a></p>`);
}

function page(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Vesalius</title>${body}</html>`;
}

function html(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
