// Requests to the service's own API. A failure carries the words of its problem details, which say what to do.

/** A request that was not answered as hoped. Status 0: the service did not answer at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const OFFLINE = "The service does not answer. Is the worker running? Trying again by itself.";

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ApiError(0, OFFLINE);
  }

  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  throw new ApiError(response.status, problem?.detail ?? problem?.title ?? `The service answered ${response.status}.`);
}

/** The JSON at a path. */
export async function get(path, { signal } = {}) {
  return (await send(path, { headers: { accept: "application/json" }, signal })).json();
}

/** Posts JSON; the answer's JSON, or null where it has none. */
export async function post(path, body) {
  const response = await send(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  return response.status === 204 ? null : response.json();
}

/** Deletes what stands at a path. */
export const remove = (path) => send(path, { method: "DELETE" });

/** A path with a query; values that are empty are left out. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
