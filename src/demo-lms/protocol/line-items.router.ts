import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Lms } from '../lms.ts';
import type { LmsLineItem, LmsTool } from '../records.ts';
import { createItem, ownItems, replaceItem, shownItem } from './line-items.ts';
import { needScope, needType } from './tokens.ts';
import { AGS_SCOPE, MEDIA } from './vocabulary.ts';

/** The item that the address names, as `findItem` found it. */
export const itemOf = (res: Response): LmsLineItem => res.locals['item'] as LmsLineItem;
export const toolOf = (res: Response): LmsTool => res.locals['tool'] as LmsTool;

/** Puts the line item of the address into `res.locals.item`; 404 where the tool has none such in this course. */
export function findItem({ store }: Lms): RequestHandler {
  return async (req, res, next) => {
    const { courseId, itemId } = req.params as { courseId: string; itemId: string };
    const item = await store.lineItems.findOne({ ...ownItems(toolOf(res), courseId), _id: itemId });
    if (item === null || req.query['type'] !== toolOf(res).deploymentId) {
      res.status(404).json([]);
      return;
    }
    res.locals['item'] = item;
    next();
  };
}

/** Line items of a course (AGS v2 with Moodle's manners). */
export function lineItemsRouter(lms: Lms): Router {
  const router = Router();
  const counted = lms.behaviour.guard('lineitems');
  const readable = needScope(lms, AGS_SCOPE.lineItem, AGS_SCOPE.lineItemRead);
  const writable = needScope(lms, AGS_SCOPE.lineItem);
  const body = [
    needType('content-type', MEDIA.lineItem),
    express.json({ type: MEDIA.lineItem, limit: '50kb' }),
  ];
  const all = '/services/courses/:courseId/lineitems';
  const one = `${all}/:itemId/lineitem`;
  const send = (res: Response, status: number, item: LmsLineItem | null): void => {
    if (item === null) res.status(400).json([]);
    else
      res
        .status(status)
        .type(MEDIA.lineItem)
        .send(JSON.stringify(shownItem(lms, toolOf(res), item)));
  };

  router.get(all, counted, readable, needType('accept', MEDIA.lineItems), (req, res) =>
    listItems(lms, req, res),
  );
  router.post(all, counted, writable, ...body, async (req, res) => {
    const courseId = String(req.params['courseId']);
    if ((await lms.store.courses.findOne({ _id: courseId })) === null) res.status(404).json([]);
    else send(res, 201, await createItem(lms, toolOf(res), courseId, req.body));
  });
  router.get(one, counted, readable, needType('accept', MEDIA.lineItem), findItem(lms), (_req, res) =>
    send(res, 200, itemOf(res)),
  );
  router.put(one, counted, writable, ...body, findItem(lms), async (req, res) => {
    send(res, 200, await replaceItem(lms, itemOf(res), req.body));
  });
  router.delete(one, counted, writable, findItem(lms), async (_req, res) => {
    await lms.store.removeLineItem(itemOf(res));
    res.status(204).end();
  });
  return router;
}

async function listItems(lms: Lms, req: Request, res: Response): Promise<void> {
  const { store, behaviour, issuer } = lms;
  const tool = toolOf(res);
  const text = (name: string): string | null => {
    const value = req.query[name];
    return typeof value === 'string' ? value : null;
  };
  if (text('type') !== tool.deploymentId) {
    res.status(404).json([]);
    return;
  }
  const filters = {
    resourceId: text('resource_id'),
    tag: text('tag'),
    resourceLinkId: text('resource_link_id'),
  };
  const wanted = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null));
  const limit = Number(text('limit') ?? behaviour.lineItemPage ?? 0);
  const from = Number(text('from') ?? 0);
  const found = store.lineItems
    .find({ ...ownItems(tool, String(req.params['courseId'])), ...wanted })
    .sort({ createdAt: 1, _id: 1 })
    .skip(from);
  const items = await (limit > 0 ? found.limit(limit + 1) : found).toArray();
  if (limit > 0 && items.length > limit) {
    const next = new URL(req.originalUrl, issuer);
    next.searchParams.set('limit', String(limit));
    next.searchParams.set('from', String(from + limit));
    res.set('link', moodleLink(next.href));
  }
  const shown = items.slice(0, limit > 0 ? limit : undefined).map((item) => shownItem(lms, tool, item));
  res.type(MEDIA.lineItems).send(JSON.stringify(shown));
}

/** Moodle writes this header with curly quotes and escaped for HTML; in a header they travel as single bytes. */
function moodleLink(address: string): string {
  return Buffer.from(`<${address.replaceAll('&', '&amp;')}>; rel=“next”`, 'utf8').toString('latin1');
}
