// Shows the OpenAPI document that this worker generates: operations by group, with parameters, bodies and answers.

const place = document.getElementById('operations');

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

// A schema as the JSON that it describes, references followed, at most a few levels deep.
function sample(api, schema, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return sample(api, api.components.schemas[schema.$ref.split('/').pop()], depth + 1);
  if (schema.oneOf) return sample(api, schema.oneOf.find(choice => choice.type !== 'null'), depth + 1);
  const type = Array.isArray(schema.type) ? schema.type.find(each => each !== 'null') : schema.type;
  if (type === 'object') {
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sample(api, inner, depth + 1)]));
  }
  if (type === 'array') return [sample(api, schema.items, depth + 1)];
  return schema.format ? `${type}, ${schema.format}` : type ?? 'any';
}

function body(api, title, content) {
  const [media, form] = Object.entries(content ?? {})[0] ?? [];
  if (!media) return [];
  return [element('h4', `${title} (${media})`), element('pre', JSON.stringify(sample(api, form.schema), null, 2))];
}

function operation(api, path, method, described) {
  const made = element('section', '', element('h3', `${method.toUpperCase()} ${path}`), element('p', described.summary));
  if (described.description) made.append(element('p', described.description));
  if (described.parameters?.length) {
    const rows = described.parameters.map(each =>
      element('tr', '', element('td', each.name), element('td', each.in), element('td', each.description)));
    made.append(element('table', '', element('tbody', '', ...rows)));
  }
  made.append(...body(api, 'Body', described.requestBody?.content));
  for (const [status, answer] of Object.entries(described.responses)) {
    if (status.startsWith('2')) made.append(...body(api, `Answer ${status}`, answer.content));
  }
  const others = Object.keys(described.responses).filter(status => !status.startsWith('2'));
  if (others.length) made.append(element('p', `Problems (RFC 9457): ${others.join(', ')}`));
  return made;
}

try {
  const answer = await fetch('/openapi/v1.json');
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const api = await answer.json();
  const made = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operation(api, path, method, described)));
  place.replaceChildren(...made);
} catch (error) {
  place.replaceChildren(element('p', `The document cannot be read: ${error.message}`));
}
