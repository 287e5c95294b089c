/**
 * A refusal a person may read: `code` is both the reason in the log and the key of the words shown
 * (`locales/<lng>/errors.json`); `params` fill those words and must hold nothing that was sent to us.
 */
export class AppError extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(
    status: number,
    code: string,
    params: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.params = params;
  }
}

/** 400: what was sent cannot be understood. */
export class BadRequest extends AppError {
  constructor(code: string, params: Readonly<Record<string, string | number>> = {}) {
    super(400, code, params);
  }
}

/** 401: this browser has no session for the address; the cure is to open the tool from the course again. */
export class Unauthenticated extends AppError {
  constructor(code = 'session_missing') {
    super(401, code);
  }
}

/** 403: known person, not theirs to see or do. */
export class Forbidden extends AppError {
  constructor(code = 'not_allowed', params: Readonly<Record<string, string | number>> = {}) {
    super(403, code, params);
  }
}

/** 404: nothing here, or nothing this person may know of. */
export class NotFound extends AppError {
  constructor(code = 'not_found') {
    super(404, code);
  }
}

/** 409: the state changed meanwhile, or forbids the step; the words say how to go on. */
export class Conflict extends AppError {
  constructor(code: string, params: Readonly<Record<string, string | number>> = {}) {
    super(409, code, params);
  }
}

/** 503: something we need is away; nothing was lost, try again. */
export class Unavailable extends AppError {
  constructor(code = 'temporarily_unavailable', options?: ErrorOptions) {
    super(503, code, {}, options);
  }
}
