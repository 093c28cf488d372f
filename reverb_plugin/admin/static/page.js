// What makes the page quicker; everything works without it.
//
//   <a data-swap="rows">, <form data-swap="rows">   fetch the answer and replace the element with that id by its own there
//   <div id="progress" data-refresh-seconds="2">    fetch this page again and replace the element, for as long as it says so
//   <form data-once>                                cannot be sent twice
//   <time datetime="...">                           is shown in the reader's own time zone
//
// In what was replaced, [data-announce] is what a screen reader is told.
"use strict";

(() => {
  const SLOWEST_REFRESH_SECONDS = 30;
  let running = null;

  // Fetching and replacing

  async function read(address, options) {
    const response = await fetch(address, { credentials: "same-origin", ...options });
    if (!(response.headers.get("Content-Type") || "").startsWith("text/html")) throw new Error("not a page");
    return { page: new DOMParser().parseFromString(await response.text(), "text/html"), address: response.url, ok: response.ok };
  }

  function replace(id, page) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) return null;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    old.replaceWith(document.adoptNode(fresh));
    for (const name of open) document.getElementById(name)?.setAttribute("open", "");
    if (focused) focusAgain(fresh, focused);
    dress(fresh);
    return fresh;
  }

  function focusAgain(fresh, focused) {
    const same = (focused.id && document.getElementById(focused.id)) || alike(fresh, focused);
    if (same) {
      same.focus({ preventScroll: true });
      if (focused.selectionStart != null && same.setSelectionRange) {
        same.setSelectionRange(focused.selectionStart, focused.selectionEnd);
      }
    } else {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
    }
  }

  function alike(fresh, focused) {
    const text = focused.textContent.trim();
    return [...fresh.querySelectorAll(focused.tagName)].find(
      (each) => !each.disabled && each.name === focused.name && each.rel === focused.rel && each.textContent.trim() === text,
    );
  }

  function announce(text) {
    const announcer = document.getElementById("announcer");
    announcer.textContent = "";
    setTimeout(() => (announcer.textContent = text), 50);
  }

  function words(element) {
    return [...element.querySelectorAll("[data-announce]")].map((each) => each.textContent.trim()).join(" ");
  }

  function showNotice(page) {
    document.getElementById("notice")?.remove();
    const notice = page.getElementById("notice");
    if (notice) document.getElementById("content").prepend(document.adoptNode(notice));
  }

  async function swap(id, address, options, remember) {
    running?.abort();
    const mine = (running = new AbortController());
    const old = document.getElementById(id);
    old?.setAttribute("aria-busy", "true");
    try {
      const answer = await read(address, { ...options, signal: mine.signal });
      const fresh = replace(id, answer.page);
      if (!fresh) throw new Error("the answer is another page");
      document.title = answer.page.title;
      if (remember) {
        history.replaceState({ swap: id }, "");
        history.pushState({ swap: id }, "", answer.address);
      }
      showNotice(answer.page);
      if (fresh.getBoundingClientRect().top < 0) fresh.scrollIntoView({ block: "start" });
      announce(words(fresh) || document.getElementById("notice")?.textContent.trim() || "The list has changed.");
      return true;
    } catch (error) {
      if (error.name === "AbortError") return true;
      old?.removeAttribute("aria-busy");
      return false;
    }
  }

  // Links and forms

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-swap]");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || !document.getElementById(link.dataset.swap)) return;
    event.preventDefault();
    if (!(await swap(link.dataset.swap, link.href, {}, true))) location.assign(link.href);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.hasAttribute("data-swap") && form.method === "get") {
      event.preventDefault();
      swapForm(form, event.submitter);
    } else if (form.hasAttribute("data-once")) {
      // Once the browser has read the form: a disabled button would not be in it.
      setTimeout(() => setOff(form, true));
    }
  });

  async function swapForm(form, submitter) {
    const filled = [...new FormData(form, submitter)].filter(([, value]) => value !== "");
    const address = new URL(form.action);
    address.search = new URLSearchParams(filled);
    if (!(await swap(form.dataset.swap, address.href, {}, true))) location.assign(address.href);
  }

  function setOff(form, off) {
    for (const button of form.querySelectorAll("button")) button.disabled = off;
    if (off) form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
  }

  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[data-once]")) setOff(form, false);
  });

  addEventListener("popstate", async (event) => {
    const id = event.state?.swap;
    if (id && !(await swap(id, location.href, {}, false))) location.reload();
  });

  // Refreshing

  function refreshLater(element, seconds) {
    setTimeout(async () => {
      if (!element.isConnected) return;
      if (document.hidden) return refreshLater(element, seconds);
      refreshLater(...(await refresh(element, seconds)));
    }, seconds * 1000);
  }

  async function refresh(element, seconds) {
    const slower = [element, Math.min(seconds * 2, SLOWEST_REFRESH_SECONDS)];
    try {
      const { page, ok } = await read(location.href);
      if (!ok) return slower;
      if (!page.getElementById(element.id)) location.reload();
      const before = words(element);
      const fresh = element.isConnected ? replace(element.id, page) : null;
      if (fresh && words(fresh) !== before) announce(words(fresh));
    } catch {
      return slower;
    }
    return [element, seconds]; // by now the new element refreshes itself, and the old one is gone
  }

  // Dressing what has arrived

  const local = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });

  function dress(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf()) || time.title) continue;
      time.title = time.textContent.trim();
      time.textContent = local.format(moment);
    }
    const refreshing = [...root.querySelectorAll("[data-refresh-seconds][id]")];
    if (root.matches?.("[data-refresh-seconds][id]")) refreshing.push(root);
    for (const element of refreshing) refreshLater(element, Number(element.dataset.refreshSeconds));
  }

  dress(document);
})();
