import { z } from 'zod';
import { newId } from '../../database/index.ts';
import type { Lms } from '../lms.ts';
import type { LmsLineItem, LmsTool } from '../records.ts';

/** https://www.imsglobal.org/spec/lti-ags/v2p0/#line-item-service */
const LineItem = z.object({
  label: z.string().min(1).max(255),
  scoreMaximum: z.number().positive(),
  resourceId: z.string().max(255).default(''),
  tag: z.string().max(255).default(''),
  resourceLinkId: z.string().optional(),
});

export type Addressed = Pick<LmsLineItem, '_id' | 'courseId'>;

export function addressOf({ issuer }: Lms, tool: LmsTool, { courseId, _id }: Addressed): string {
  return `${issuer}/services/courses/${courseId}/lineitems/${_id}/lineitem?type=${tool.deploymentId}`;
}

/** A line item as the tool sees it; `resourceLinkId` where it is coupled, `ltiLinkId` beside it as on Moodle. */
export function shownItem(lms: Lms, tool: LmsTool, item: LmsLineItem): object {
  const { label, scoreMaximum, resourceId, tag, resourceLinkId } = item;
  const coupled = resourceLinkId === null ? {} : { resourceLinkId, ltiLinkId: resourceLinkId };
  return { id: addressOf(lms, tool, item), label, scoreMaximum, resourceId, tag, ...coupled };
}

/** Adds a column of the tool's own; null where what was sent is none, or names a link that is not here. */
export async function createItem(
  { store, clock }: Lms,
  tool: LmsTool,
  courseId: string,
  body: unknown,
): Promise<LmsLineItem | null> {
  const parsed = LineItem.safeParse(body);
  if (!parsed.success) return null;
  const { resourceLinkId = null, ...given } = parsed.data;
  if (resourceLinkId !== null && (await store.links.findOne({ _id: resourceLinkId, courseId })) === null)
    return null;
  const item = {
    ...given,
    _id: newId(),
    courseId,
    toolId: tool._id,
    resourceLinkId,
    createdAt: clock().getTime(),
  };
  await store.lineItems.insertOne(item);
  return item;
}

/** PUT replaces the whole: what is not sent is emptied. Coupling stays. Null where what was sent is no line item. */
export async function replaceItem(
  { store }: Lms,
  item: LmsLineItem,
  body: unknown,
): Promise<LmsLineItem | null> {
  const parsed = LineItem.safeParse(body);
  if (!parsed.success) return null;
  const { label, scoreMaximum, resourceId, tag } = parsed.data;
  const change = { label, scoreMaximum, resourceId, tag };
  await store.lineItems.updateOne({ _id: item._id }, { $set: change });
  return { ...item, ...change };
}

/** Items of this tool, and those that nobody's tool made. */
export function ownItems(tool: LmsTool, courseId: string) {
  return { courseId, toolId: { $in: [tool._id, null] } };
}
