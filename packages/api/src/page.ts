import { createHash } from 'node:crypto';

/** Content-Security-Policy source of an inline style or script. */
export function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1.25rem 4rem; }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8886; border-radius: 6px; }
h1 { margin-bottom: 0; } h2 { margin-top: 3rem; border-bottom: 1px solid #8886; text-transform: capitalize; }
h3 { margin: 2rem 0 0.25rem; font-size: 1rem; } nav { columns: 12rem; } nav a { display: block; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: 0.2rem 0.75rem 0.2rem 0; border-bottom: 1px solid #8883; }
.method { font-weight: 700; } .dim { opacity: 0.75; } input { font: inherit; width: 100%; } button { font: inherit; padding: 0.3rem 1rem; }
`;

/** A page with its headers; nothing on it comes from elsewhere. */
export type Page = Readonly<{ html: string; headers: Readonly<Record<string, string>> }>;

/** A whole page. The script, if any, may talk to this server and nobody else. */
export function pageOf(title: string, body: string, script?: string): Page {
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(STYLE)}`,
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`, "connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>${body}${script === undefined ? '' : `<script>${script}</script>`}</body></html>
`;
  return { html, headers: { 'content-security-policy': policy } };
}
