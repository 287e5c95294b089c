import type { CourseRole } from '../../src/scope.ts';
import type { Room } from '../../src/room.ts';
import type { Guard } from '../../src/web/routing.ts';

/** As much of an Express router's inside as a walk over its routes needs. */
type Layer = {
  readonly route?: {
    readonly path: string;
    readonly methods: Readonly<Record<string, boolean>>;
    readonly stack: readonly { readonly handle: Partial<Guard> }[];
  };
  readonly handle: { readonly stack?: readonly Layer[] };
};
export type FoundRoute = { readonly route: string; readonly roles: readonly CourseRole[] };

/** Every route of the rooms ("GET /roster") with the roles its guard lets in; none where it has no guard. */
export function routesOf(rooms: readonly Pick<Room, 'router'>[]): FoundRoute[] {
  return rooms.flatMap(({ router }) => routesIn((router as unknown as { stack: readonly Layer[] }).stack));
}

function routesIn(stack: readonly Layer[]): FoundRoute[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return handle.stack === undefined ? [] : routesIn(handle.stack);
    const guard = route.stack.map((layer) => layer.handle).find(({ roles }) => roles !== undefined);
    return Object.keys(route.methods).map((method) => ({
      route: `${method.toUpperCase()} ${route.path}`,
      roles: guard?.roles ?? [],
    }));
  });
}
