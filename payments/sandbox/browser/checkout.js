// The sandbox's stand-in for https://checkout.razorpay.com/v1/checkout.js.
// It sets styles through the CSSOM only, so a strict style-src of the shop does not stop it.
(function () {
  "use strict";

  const base = new URL(document.currentScript.src).origin;
  const frameStyle = {
    position: "fixed",
    inset: "0",
    width: "100%",
    height: "100%",
    border: "0",
    zIndex: "2147483647",
    colorScheme: "light",
    background: "transparent",
  };

  class Razorpay {
    constructor(options) {
      for (const name of ["key", "order_id"]) {
        if (!options || !options[name]) {
          throw new Error(`Razorpay Checkout needs the option "${name}".`);
        }
      }
      this.options = options;
      this.modal = options.modal || {};
      this.listeners = {};
      this.onMessage = this.onMessage.bind(this);
    }

    on(event, listener) {
      (this.listeners[event] = this.listeners[event] || []).push(listener);
      return this;
    }

    open() {
      if (this.frame) return this;
      this.focusBefore = document.activeElement;
      this.overflowBefore = document.documentElement.style.overflow;
      document.documentElement.style.overflow = "hidden";
      this.frame = document.createElement("iframe");
      this.frame.title = "Payment";
      this.frame.src = this.address();
      Object.assign(this.frame.style, frameStyle);
      window.addEventListener("message", this.onMessage);
      document.body.appendChild(this.frame);
      this.frame.addEventListener("load", () => this.frame && this.frame.focus());
      if (this.options.timeout) {
        this.timer = setTimeout(() => this.dismiss(), this.options.timeout * 1000);
      }
      return this;
    }

    close() {
      if (!this.frame) return;
      clearTimeout(this.timer);
      window.removeEventListener("message", this.onMessage);
      this.frame.remove();
      this.frame = null;
      document.documentElement.style.overflow = this.overflowBefore;
      if (this.focusBefore && this.focusBefore.focus) this.focusBefore.focus();
    }

    address() {
      const { options, modal } = this;
      const prefill = options.prefill || {};
      const query = new URLSearchParams({
        key_id: options.key,
        order_id: options.order_id,
        origin: location.origin,
        name: options.name || "",
        description: options.description || "",
        image: options.image || "",
        color: (options.theme && options.theme.color) || "",
        email: prefill.email || "",
        contact: prefill.contact || "",
        method: prefill.method || "",
        customer_id: options.customer_id || "",
        escape: modal.escape === false ? "0" : "1",
        backdropclose: modal.backdropclose ? "1" : "0",
      });
      return `${base}/v1/checkout/embedded?${query}`;
    }

    onMessage(message) {
      // Only the frame that we opened may speak, and only while it shows the sandbox.
      if (!this.frame || message.source !== this.frame.contentWindow) return;
      if (message.origin !== base) return;
      const { type, data } = message.data;
      if (type === "success") this.succeed(data);
      if (type === "failed") this.fail(data);
      if (type === "dismiss") this.dismiss();
    }

    succeed(response) {
      const { options } = this;
      this.close();
      if (options.callback_url && (options.redirect || !options.handler)) {
        submit(options.callback_url, response);
      } else if (options.handler) {
        options.handler(response);
      }
    }

    fail(error) {
      this.emit("payment.failed", { error });
      const { options } = this;
      if (options.callback_url && options.redirect) {
        this.close();
        submit(options.callback_url, errorFields(error));
      } else if (options.retry && options.retry.enabled === false) {
        this.dismiss();
      }
    }

    dismiss() {
      if (!this.frame) return;
      const question = "Do you want to leave the payment?";
      if (this.modal.confirm_close && !window.confirm(question)) return;
      this.close();
      if (this.modal.ondismiss) this.modal.ondismiss();
    }

    emit(event, data) {
      for (const listener of this.listeners[event] || []) listener(data);
    }
  }

  function errorFields(error) {
    const fields = {};
    for (const name of ["code", "description", "source", "step", "reason"]) {
      fields[`error[${name}]`] = error[name];
    }
    fields["error[metadata]"] = JSON.stringify(error.metadata);
    return fields;
  }

  function submit(address, fields) {
    const form = document.createElement("form");
    form.method = "POST";
    form.action = address;
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value === null || value === undefined ? "" : value;
      form.appendChild(input);
    }
    document.body.appendChild(form);
    form.submit();
  }

  window.Razorpay = Razorpay;
})();
