/** The slice of ltijs 5.9.9 that is used; @types/ltijs describes version 4. */
declare module 'ltijs' {
  import type { KeyObject } from 'node:crypto';
  import type { IncomingMessage, ServerResponse } from 'node:http';

  /** ltijs duck-types its database; see plugin.ts. */
  export type DatabasePlugin = {
    setup(): Promise<boolean>;
    Close(): Promise<boolean>;
    Get(key: string | false, collection: string, query?: Record<string, unknown>): Promise<object[] | false>;
    Insert(key: string | false, collection: string, item: object, index?: object): Promise<boolean>;
    Replace(
      key: string | false,
      collection: string,
      query: object,
      item: object,
      index?: object,
    ): Promise<boolean>;
    Modify(key: string | false, collection: string, query: object, change: object): Promise<boolean>;
    Delete(collection: string, query: object): Promise<boolean>;
  };

  export type Options = {
    appRoute: string;
    loginRoute: string;
    keysetRoute: string;
    dynRegRoute: string;
    cors: false;
    cookies: { secure: true; sameSite: 'None' };
    tokenMaxAge: number;
    ltiaas: true;
    serverAddon(app: LtiApp): void;
  };

  type Next = (error?: unknown) => void;
  type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;
  export type LtiApp = {
    use(handler: Handler): void;
    handle(req: IncomingMessage, res: ServerResponse, next: Next): void;
  };

  type TokenHandler = (token: object, req: IncomingMessage, res: ServerResponse, next: Next) => unknown;
  type ResponseWithLocals = ServerResponse & { locals: { err?: { details?: { message?: string } } } };
  type RefusalHandler = (req: IncomingMessage, res: ResponseWithLocals) => unknown;

  export class LtiProvider {
    app: LtiApp;
    setup(encryptionKey: KeyObject, database: { plugin: DatabasePlugin }, options: Options): this;
    onConnect(handler: TokenHandler): true;
    onDeepLinking(handler: TokenHandler): true;
    onInvalidToken(handler: RefusalHandler): true;
    onSessionTimeout(handler: RefusalHandler): true;
    onUnregisteredPlatform(handler: RefusalHandler): true;
    onInactivePlatform(handler: RefusalHandler): true;
  }

  /** One ready-made instance; its constructor makes independent ones. */
  export const Provider: LtiProvider & { constructor: new () => LtiProvider };
}
