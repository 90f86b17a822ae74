"use strict";

const main = document.getElementById("main");

/** Makes an element with attributes and children; text is never read as HTML. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function show(...children) {
  main.replaceChildren(...children);
}

function card(title, ...children) {
  document.title = title;
  main.classList.remove("wide");
  show(element("div", { class: "card" }, element("div", { class: "logo" }, "A"), element("h1", {}, title), ...children));
}

function note(text, kind) {
  return element("p", { class: `note ${kind || ""}`, role: "status" }, text);
}

/** What the link brought along after the #; it is taken out of the address, so that nobody copies it. */
function carried(name) {
  const value = new URLSearchParams(location.hash.slice(1)).get(name);
  if (location.hash) history.replaceState(null, "", location.pathname);
  return value;
}

async function call(method, path, body, token) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (answer.ok) return json;
  const fault = new Error(json && json.error ? json.error : `the server answered ${answer.status}`);
  fault.status = answer.status;
  fault.details = (json && json.details) || [];
  throw fault;
}

/** A form whose fields show the faults that the server names. */
function form(fields, label, submit) {
  const general = element("p", { class: "fault", role: "alert" });
  const rows = fields.map((field) => {
    const input = element("input", { name: field.name, required: true, ...field.attributes });
    const fault = element("p", { class: "fault", role: "alert" });
    return { field, input, fault, label: element("label", {}, field.label, input, fault) };
  });
  const button = element("button", { class: "primary" }, label);
  async function send(event) {
    event.preventDefault();
    general.textContent = "";
    for (const row of rows) {
      row.fault.textContent = "";
      row.input.removeAttribute("aria-invalid");
    }
    button.disabled = true;
    try {
      await submit(Object.fromEntries(rows.map((row) => [row.field.name, row.input.value])));
    } catch (fault) {
      let placed = false;
      for (const detail of fault.details || []) {
        const row = rows.find((each) => each.field.name === detail.field);
        if (!row) continue;
        placed = true;
        row.fault.textContent += `${row.fault.textContent ? ", " : ""}${detail.message}`;
        row.input.setAttribute("aria-invalid", "true");
      }
      if (!placed) general.textContent = sentence(fault.message);
    } finally {
      button.disabled = false;
    }
  }
  return element("form", { onsubmit: send, novalidate: false }, ...rows.map((row) => row.label), button, general);
}

function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const EMAIL = { name: "email", label: "E-mail", attributes: { type: "email", autocomplete: "username" } };
const PASSWORD = { name: "password", label: "Password", attributes: { type: "password", autocomplete: "current-password" } };
const NEW_PASSWORD = { name: "password", label: "New password", attributes: { type: "password", autocomplete: "new-password" } };

function withoutToken() {
  card("This link is not complete", note("Open the link from the message once more, with everything after the #.", "bad"));
}

const pages = {
  "reset-password"() {
    const token = carried("token");
    if (!token) return withoutToken();
    card("Choose a new password", element("p", { class: "soft" }, "You will be signed out everywhere."),
      form([NEW_PASSWORD], "Set the password", async ({ password }) => {
        await call("POST", "/api/auth/confirm-password-reset", { token, password });
        card("Your password is set", note("You can sign in with it now.", "good"));
      }));
  },

  async "verify-email"() {
    const token = carried("token");
    if (!token) return withoutToken();
    card("Confirm your e-mail address", form([], "Confirm", async () => {
      await call("POST", "/api/auth/confirm-verification", { token });
      card("Your e-mail address is confirmed", note("You can close this page.", "good"));
    }));
  },

  async "change-email"() {
    const token = carried("token");
    if (!token) return withoutToken();
    card("Change your e-mail address", element("p", { class: "soft" }, "You will be signed out everywhere."),
      form([], "Change it", async () => {
        await call("POST", "/api/auth/confirm-email-change", { token });
        card("Your e-mail address is changed", note("Sign in with the new one from now on.", "good"));
      }));
  },

  setup() {
    const token = carried("token");
    if (!token) return withoutToken();
    card("The first administrator", element("p", { class: "soft" }, "This account may do everything on this server."),
      form([EMAIL, { ...NEW_PASSWORD, label: "Password" }], "Create the account", async ({ email, password }) => {
        const made = await call("POST", "/api/admin/setup", { token, email, password });
        keep(made.tokens.access_token);
        await overview();
      }));
  },

  async admin() {
    const token = carried("token");
    if (token) keep(token);
    if (!kept()) return signIn();
    await overview();
  },
};

const KEY = "alyx_admin_token";
const keep = (token) => sessionStorage.setItem(KEY, token);
const kept = () => sessionStorage.getItem(KEY);
const forget = () => sessionStorage.removeItem(KEY);

function signIn(fault) {
  card("Sign in", fault ? note(sentence(fault), "bad") : null, form([EMAIL, PASSWORD], "Sign in", async (values) => {
    const { tokens } = await call("POST", "/api/auth/login", values);
    keep(tokens.access_token);
    await overview();
  }));
}

function figure(value, label) {
  return element("div", { class: "figure" }, element("b", {}, String(value)), element("span", {}, label));
}

function table(headings, rows) {
  const cells = (name, values) => element("tr", {}, ...values.map((value) => element(name, {}, value)));
  return element("div", { class: "scroll" }, element("table", {}, element("thead", {}, cells("th", headings)),
    element("tbody", {}, ...(rows.length ? rows.map((row) => cells("td", row)) : [nothing(headings.length)]))));
}

function nothing(columns) {
  return element("tr", {}, element("td", { colspan: columns, class: "soft" }, "Nothing yet"));
}

async function overview() {
  let stats, users, audit;
  try {
    const get = (path) => call("GET", path, undefined, kept());
    [stats, users, audit] = await Promise.all([get("/api/admin/stats"), get("/api/admin/users?limit=10"), get("/api/admin/audit?limit=10")]);
  } catch (fault) {
    forget();
    return signIn(fault.status === 401 ? "the session has ended" : fault.status === 403 ? "this account is no administrator" : fault.message);
  }
  document.title = "Administration";
  main.classList.add("wide");
  const leave = () => { forget(); signIn(); };
  const count = (number) => number.toLocaleString("en");
  show(
    element("div", { class: "top" }, element("div", { class: "logo" }, "A"),
      element("div", {}, element("h1", {}, "Administration"), element("span", { class: "soft" }, `Alyx ${stats.version}`)),
      element("span", { class: "gap" }), element("a", { href: "/api/docs" }, "API docs"), element("button", { onclick: leave }, "Sign out")),
    element("div", { class: "figures" }, ...stats.collections.map((each) => figure(count(each.documents), each.name)),
      figure(count(stats.users), "accounts"), figure(count(stats.sessions), "sessions")),
    element("h2", {}, "Newest accounts"),
    table(["E-mail", "Role", "Confirmed", "Since"], users.users.map((user) =>
      [user.email, user.banned ? `${user.role} (banned)` : user.role, user.verified ? "yes" : "no", user.created_at.slice(0, 10)])),
    element("h2", {}, "Newest administrative acts"),
    table(["When", "Who", "What", "To what"], audit.entries.map((entry) =>
      [entry.at.slice(0, 19).replace("T", " "), entry.actor.name || entry.actor.kind, entry.action, entry.target || ""])),
  );
}

pages[main.dataset.page]();
