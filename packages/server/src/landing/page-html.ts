/** The first page: sign-in, the state of the server, the newest studies. */
export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vesalius</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/landing.css">
</head>
<body>
<header>
<h1>Vesalius</h1>
<p id="state" role="status">asking the server …</p>
<button id="sign-out" hidden>Sign out</button>
</header>
<main>
<form id="sign-in" hidden>
<h2>Sign in</h2>
<label>Name <input name="name" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<form id="change" hidden>
<h2>Choose a password</h2>
<p>The one-time password is used up. At least 12 characters.</p>
<label>New password <input name="new" type="password" autocomplete="new-password" minlength="12" required></label>
<button>Change password</button>
</form>
<p id="problem" role="alert"></p>
<section id="archive" hidden>
<h2>Studies</h2>
<p id="jobs"></p>
<ul id="studies"></ul>
<p id="more"></p>
</section>
</main>
<script src="/landing.js" type="module"></script>
</body>
</html>
`;
