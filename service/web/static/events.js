/** Server-sent events of a response to POST, which EventSource cannot make. */

/**
 * The events in order; comments (heartbeats) are passed over. Leaving the loop early ends the request.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{event: string, data: any}>} data is parsed JSON
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event = "message";
  /** @type {string[]} */
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, field, text] = /^([^:]*):? ?(.*)$/s.exec(line) ?? ["", "", ""];
        if (field === "event") event = text;
        else if (field === "data") data.push(text);
        else if (line === "") {
          if (data.length) yield { event, data: JSON.parse(data.join("\n")) };
          event = "message";
          data = [];
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // already broken: nothing is left to cancel
  }
}
