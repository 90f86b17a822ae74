"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
  };
  // Text with `code` in it.
  const prose = (text) => text.split("`").map((part, index) => index % 2 ? el("code", {}, part) : part);
  let api = {};

  // ---- theme and token -------------------------------------------------------------------------
  const stored = (name, value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(name);
      sessionStorage.setItem(name, value);
    } catch { /* a browser that keeps nothing */ }
    return value ?? null;
  };
  const dark = (on) => document.documentElement.classList.toggle("dark", on);
  dark(stored("theme") ? stored("theme") === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").addEventListener("click", () => stored("theme", dark() ? "dark" : "light"));
  $("token").value = stored("token") ?? "";
  $("token").addEventListener("input", () => { stored("token", $("token").value); document.dispatchEvent(new Event("token")); });
  $("menu").addEventListener("click", () => $("menu").setAttribute("aria-expanded", $("side").classList.toggle("open")));

  // ---- schemas -----------------------------------------------------------------------------------
  const resolve = (schema) => {
    const path = schema?.$ref?.slice(2).split("/");
    return path ? path.reduce((node, key) => node?.[key.replace(/~1/g, "/").replace(/~0/g, "~")], api) : schema ?? {};
  };
  const refName = (schema) => schema?.$ref?.split("/").pop();
  const typeOf = (schema) => {
    if (schema?.$ref) return refName(schema);
    const variants = schema.anyOf ?? schema.oneOf;
    if (variants) return variants.map(typeOf).join(" | ");
    const types = [schema.type ?? "any"].flat();
    return types.map((type) => type === "array" ? `${typeOf(schema.items ?? {})}[]` : type === "string" && schema.format ? schema.format : type).join(" | ");
  };
  const limitsOf = (schema) => {
    const words = [];
    if (schema.enum) words.push(`one of ${schema.enum.map(String).filter((value) => !value.startsWith("-")).map((value) => `\`${value}\``).join(", ")}`);
    if (schema.minLength !== undefined) words.push(`at least ${schema.minLength} characters`);
    if (schema.maxLength !== undefined) words.push(`at most ${schema.maxLength} characters`);
    if (Math.abs(schema.minimum) < 1e15) words.push(`from ${schema.minimum}`);
    if (Math.abs(schema.maximum) < 1e15) words.push(`up to ${schema.maximum}`);
    if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`);
    if (schema.pattern && schema.pattern.length < 60) words.push(`pattern \`${schema.pattern}\``);
    return words.join(" · ");
  };
  const samples = { uuid: "01890a5d-ac96-774b-bcce-b302099a8057", "date-time": "2026-01-31T08:30:00.000Z", date: "2026-01-31", email: "ada@example.com", uri: "https://example.com", byte: "aGVsbG8=" };
  const sample = (schema, depth = 0) => {
    const node = resolve(schema);
    if (node.enum) return node.enum[0];
    if (node.const !== undefined) return node.const;
    if (node.anyOf) return sample(node.anyOf[0], depth);
    const type = [node.type].flat()[0];
    if (type === "object") {
      if (depth > 2) return {};
      const entries = inOrder(node).filter(([key, value]) => !value.$ref && !(value.anyOf ?? []).some((part) => part.$ref) && value.items?.$ref === undefined || key === "docs");
      return Object.fromEntries(entries.map(([key, value]) => [key, sample(value, depth + 1)]));
    }
    if (type === "array") return node.items && depth < 3 ? [sample(node.items, depth + 1)] : [];
    if (type === "string") return samples[node.format] ?? (node.pattern === "^[a-z0-9]{15}$" ? "k3v9x2m4q8r7t1a" : "text".padEnd(node.minLength ?? 0, "."));
    if (type === "integer" || type === "number") return Math.abs(node.minimum) < 1e15 ? node.minimum : 1;
    if (type === "boolean") return true;
    return null;
  };
  // The fields that a body needs, or the first ones where it needs none.
  const sampleBody = (schema) => {
    const node = resolve(schema);
    const names = node.required ?? inOrder(node).slice(0, 2).map(([name]) => name);
    return Object.fromEntries(names.map((name) => [name, sample(node.properties[name])]));
  };
  // As the project's schema has them; relations come last.
  const inOrder = (node) => {
    const place = (name) => { const at = (node["x-order"] ?? []).indexOf(name); return at < 0 ? 1e9 : at; };
    return Object.entries(node.properties ?? {}).sort(([a], [b]) => place(a) - place(b));
  };
  // A field of an update, which takes operators in the place of its value.
  const parted = (schema) => {
    const operators = schema.anyOf?.find((part) => part.maxProperties === 1);
    const names = operators && Object.keys(operators.properties).map((name) => `\`${name}\``).join(", ");
    return operators ? [schema.anyOf[0], `or an operator: ${names}`] : [schema, null];
  };
  const field = (name, given, required, description) => {
    const [schema, operators] = parted(given);
    return el("div", { class: "field" },
      el("span", { class: "name mono" }, name), el("span", { class: "type" }, typeOf(schema)),
      required ? el("span", { class: "must" }, "required") : null,
      [description ?? schema.description, limitsOf(schema.type === "array" && !schema.enum ? { ...(schema.items ?? {}), default: schema.default } : schema), operators]
        .filter(Boolean).map((text) => el("p", {}, prose(text))));
  };
  const fields = (schema) => {
    const node = resolve(schema);
    const entries = inOrder(node);
    return entries.length ? el("div", { class: "fields" }, entries.map(([name, value]) => field(name, value, (node.required ?? []).includes(name)))) : null;
  };

  // ---- code --------------------------------------------------------------------------------------
  const coloured = (json) => {
    const parts = [];
    const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;
    let end = 0;
    for (const match of json.matchAll(pattern)) {
      parts.push(json.slice(end, match.index));
      const kind = match[2] !== undefined ? "k" : match[1] ? "s" : match[3] ? "n" : "b";
      parts.push(el("span", { class: kind }, match[1] ?? match[0]), match[2] ?? "");
      end = match.index + match[0].length;
    }
    parts.push(json.slice(end));
    return parts;
  };
  const code = (text, isJson) => {
    const pre = el("pre", { tabindex: "0" }, ...(isJson && text.length < 100_000 ? coloured(text) : [text]));
    const copy = el("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(pre.textContent); copy.textContent = "copied"; } catch { copy.textContent = "select and copy"; }
      setTimeout(() => { copy.textContent = "copy"; }, 1500);
    } }, "copy");
    return el("div", { class: "code" }, copy, pre);
  };
  const pretty = (value) => JSON.stringify(value, null, 2);
  const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;
  const base = () => {
    const url = api.servers?.[0]?.url ?? "/";
    return url === "/" ? location.origin : url.replace(/\/$/, "");
  };
  const curl = (request) => {
    const lines = [`curl ${request.method === "GET" ? "" : `-X ${request.method} `}${quoted(base() + request.target)}`];
    if (request.locked || $("token").value) lines.push(`  -H "Authorization: Bearer $ALYX_ADMIN_TOKEN"`);
    if (request.body !== undefined) lines.push(`  -H 'Content-Type: application/json'`, `  -d ${quoted(request.body)}`);
    return lines.join(" \\\n");
  };

  // ---- one call ----------------------------------------------------------------------------------
  const consoleOf = (call) => {
    const inputs = call.parameters.map((parameter) => {
      const repeated = parameter.name === "filter";
      const input = el("input", { spellcheck: "false", autocomplete: "off", class: "mono", placeholder: hints[parameter.name] ?? (parameter.schema?.default !== undefined ? String(parameter.schema.default) : typeOf(parameter.schema ?? {})) });
      return { parameter, input, repeated };
    });
    const bodySchema = call.requestBody?.content?.["application/json"]?.schema;
    const body = bodySchema ? el("textarea", { spellcheck: "false", "aria-label": "Body" }) : null;
    if (body) body.value = pretty(sampleBody(bodySchema));
    const request = () => {
      let target = call.path;
      const query = [];
      for (const { parameter, input, repeated } of inputs) {
        const value = input.value.trim();
        if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, value ? encodeURIComponent(value) : `{${parameter.name}}`);
        else if (value) for (const one of repeated ? value.split(/\s*&\s*/) : [value]) query.push(`${parameter.name}=${encodeURIComponent(one)}`);
      }
      return { method: call.method.toUpperCase(), target: target + (query.length ? `?${query.join("&")}` : ""), body: body?.value, locked: call.locked };
    };
    const example = el("div");
    const refresh = () => example.replaceChildren(code(curl(request())));
    const answer = el("div", { "aria-live": "polite" });
    const send = async () => {
      const { method, target, body: text } = request();
      const headers = {};
      if ($("token").value) headers.Authorization = `Bearer ${$("token").value}`;
      if (text !== undefined) headers["Content-Type"] = "application/json";
      const started = performance.now();
      try {
        const response = await fetch(location.origin + target, { method, headers, body: text, credentials: "omit" });
        const received = await response.text();
        let shown = received;
        try { shown = pretty(JSON.parse(received)); } catch { /* not JSON: shown as it is */ }
        answer.replaceChildren(
          el("div", { class: "row" }, el("b", { class: response.ok ? "ok" : "bad" }, `${response.status} ${response.statusText}`),
            el("span", { class: "muted" }, `${(performance.now() - started).toFixed(0)} ms · ${new Blob([received]).size} bytes · ${response.headers.get("x-request-id") ?? ""}`)),
          shown ? code(shown, true) : "");
      } catch (fault) {
        answer.replaceChildren(el("p", { class: "bad" }, `No answer: ${fault.message}`));
      }
    };
    for (const { input } of inputs) {
      input.addEventListener("input", refresh);
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
    }
    body?.addEventListener("input", refresh);
    document.addEventListener("token", refresh);
    refresh();
    return { example, panel: el("div", { class: "try" }, el("h3", {}, "Try it"),
      inputs.map(({ parameter, input }) => el("label", {}, el("span", { class: "mono" }, parameter.name), input)),
      body, el("div", { class: "row" }, el("button", { class: "primary", type: "button", onclick: send }, "Send"),
        call.locked ? el("span", { class: "muted" }, "needs a token, above") : null), answer) };
  };
  const hints = { filter: "title:contains:a & views:gt:10", where: "{\"$or\":[…]}", sort: "-created_at,title", fields: "id,title", cursor: "next_cursor of the page before" };

  const inside = (call) => {
    const { example, panel } = consoleOf(call);
    const bodySchema = call.requestBody?.content?.["application/json"]?.schema;
    const statuses = Object.entries(call.responses).map(([status, response]) => [status, resolve(response)]);
    const success = statuses.find(([status]) => status.startsWith("2"));
    const successSchema = Object.entries(success?.[1].content ?? {}).find(([type]) => type === "application/json")?.[1].schema;
    return el("div", { class: "inside" }, call.description ? el("p", {}, prose(call.description)) : null,
      el("div", { class: "columns" },
        el("div", {},
          call.parameters.length ? [el("h3", {}, "Parameters"), el("div", { class: "fields" }, call.parameters.map((parameter) =>
            field(parameter.name, parameter.schema ?? { type: "JSON" }, parameter.required, parameter.description)))] : null,
          bodySchema ? [el("h3", {}, "Body"), fields(bodySchema)] : null,
          el("h3", {}, "Answers"), statuses.map(([status, response]) => el("div", { class: "status" },
            el("b", { class: status.startsWith("2") ? "ok" : "bad" }, status), el("span", { class: "muted" }, prose(response.description))))),
        el("div", {}, el("h3", {}, "Request"), example,
          successSchema ? [el("h3", {}, `Answer ${success[0]}`), code(pretty(sample(successSchema)), true)] : null)),
      panel);
  };
  const card = (call) => {
    const node = el("details", { class: "call", id: call.id },
      el("summary", {}, el("span", { class: `method ${call.method}` }, call.method.toUpperCase()), el("span", { class: "path" }, call.path),
        call.locked ? el("span", { class: "lock" }, "token") : null, el("span", { class: "what" }, call.summary ?? "")));
    node.addEventListener("toggle", () => { if (node.open && node.children.length === 1) node.append(inside(call)); });
    return node;
  };

  // ---- the page ----------------------------------------------------------------------------------
  const calls = () => Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    ["get", "post", "patch", "put", "delete"].filter((method) => item[method]).map((method) => {
      const call = item[method];
      const security = call.security ?? api.security ?? [];
      return { ...call, path, method, id: call.operationId ?? `${method} ${path}`, tag: call.tags?.[0] ?? "other",
        parameters: [...(item.parameters ?? []), ...(call.parameters ?? [])].map(resolve),
        locked: security.length > 0 && security.every((one) => Object.keys(one).length > 0) };
    }));
  const guide = () => el("section", { id: "guide" }, el("h2", {}, "Filtering"),
    el("p", {}, "Repeat ", el("code", {}, "filter=field:operator:value"), " to narrow a list; every one must hold. For or and not, use ", el("code", {}, "where"), " with JSON."),
    el("div", { class: "scroll" }, el("table", {}, el("tr", {}, el("th", {}, "Operator"), el("th", {}, "Meaning"), el("th", {}, "Example")),
      [["eq, ne", "equal, not equal; null is a value", "published:eq:true"], ["gt, gte, lt, lte", "greater, less, or equal", "views:gte:100"],
        ["like", "pattern with % and _, ignores ASCII case", "title:like:%news%"], ["in", "one of a list with commas", "role:in:user,admin"],
        ["contains", "substring of text, item of a JSON list", "tags:contains:rust"], ["is_null, not_null", "without or with a value", "deleted_at:is_null"]]
        .map((row) => el("tr", {}, el("td", {}, el("code", {}, row[0])), el("td", {}, row[1]), el("td", {}, el("code", {}, row[2])))))));
  const errors = () => el("section", { id: "errors" }, el("h2", {}, "Errors"),
    el("p", {}, "Every answer that is not a success has this shape. Keep the ", el("code", {}, "request_id"), " when you report one."),
    code(pretty({ error: "title is required", code: "VALIDATION_ERROR", details: [{ field: "title", code: "REQUIRED", message: "is required" }], request_id: "4f1c-0000002a", timestamp: "2026-01-31T08:30:00.000Z" }), true));

  const render = () => {
    document.title = api.info?.title ?? document.title;
    $("title").textContent = api.info?.title ?? "API";
    $("version").textContent = `v${api.info?.version ?? ""}`;
    const all = calls();
    const order = (api.tags ?? []).map((tag) => tag.name);
    const tags = [...new Set([...order, ...all.map((call) => call.tag)])].filter((tag) => all.some((call) => call.tag === tag));
    $("main").replaceChildren(
      el("section", { class: "hero", id: "top" }, el("h1", {}, api.info?.title ?? "API"), el("p", { class: "muted" }, api.info?.description ?? ""),
        el("div", { class: "facts" }, el("code", {}, base()), el("span", { class: "pill" }, `${all.length} calls`), el("span", { class: "pill" }, `OpenAPI ${api.openapi}`),
          el("a", { href: "openapi.json" }, "openapi.json"))),
      guide(), errors(),
      ...tags.map((tag) => el("section", { id: `tag-${tag}` }, el("h2", {}, tag), all.filter((call) => call.tag === tag).map(card))));
    $("links").replaceChildren(el("strong", {}, "Guide"), el("a", { href: "#guide" }, "Filtering"), el("a", { href: "#errors" }, "Errors"),
      ...tags.map((tag) => el("div", {}, el("strong", {}, tag), all.filter((call) => call.tag === tag).map((call) =>
        el("a", { href: `#${call.id}`, "data-words": `${call.path} ${call.summary} ${call.method}`.toLowerCase() },
          el("span", { class: `method ${call.method}` }, call.method.toUpperCase()), call.summary ?? call.path)))));
    open();
  };
  const open = () => {
    const node = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (node?.tagName === "DETAILS") { node.open = true; node.scrollIntoView(); }
    for (const link of document.querySelectorAll("#side a")) link.classList.toggle("here", link.getAttribute("href") === location.hash);
    $("side").classList.remove("open");
  };
  addEventListener("hashchange", open);
  $("links").addEventListener("click", (event) => { if (event.target.closest("a")?.getAttribute("href") === location.hash) open(); });
  $("search").addEventListener("input", () => {
    const words = $("search").value.toLowerCase().split(/\s+/);
    for (const link of document.querySelectorAll("#side a[data-words]"))
      link.classList.toggle("hidden", !words.every((word) => link.dataset.words.includes(word)));
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement?.tagName)) { event.preventDefault(); $("search").focus(); }
  });

  fetch("openapi.json", { credentials: "omit" }).then((response) => response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`)))
    .then((description) => { api = description; render(); })
    .catch((fault) => $("main").replaceChildren(el("p", { class: "notice" }, `The description cannot be read: ${fault.message}`)));
})();
