import express, { type Request, Router } from 'express';
import type { Lms } from '../lms.ts';
import { addTool } from '../protocol/registration.ts';
import { registrationAddress } from '../protocol/registration.router.ts';
import { SCOPES } from '../protocol/vocabulary.ts';
import type { LmsTool } from '../records.ts';
import { fieldOf, ownForms, selectAdministrator, SiteRefusal } from './visits.ts';

export type ToolPlace = { readonly toolUrl?: string; readonly toolEnvironment?: string };

/** The administrator's page of installed tools: install one by dynamic registration or by hand, switch one off. */
export function toolsRouter(lms: Lms, { toolUrl, toolEnvironment = '' }: ToolPlace): Router {
  const { store } = lms;
  const registersAt = toolUrl === undefined ? '' : new URL('/lti/register', toolUrl).href;
  const router = Router();
  const change = [express.urlencoded({ extended: false, limit: '20kb' }), ...ownForms(lms)];

  router.get('/tools', async (req, res) => {
    selectAdministrator(res);
    const [tools, used] = await Promise.all([
      store.tools.find({}).sort({ createdAt: -1, _id: -1 }).toArray(),
      store.findSiteTool(),
    ]);
    // The form's answer leads to the tool's own address, which the policy must let it.
    res.locals['formOrigins'] = ['http:', 'https:'];
    const done = fieldOf(req, 'done', 20);
    res.render('tools', { tools, used: used?._id ?? null, registersAt, done });
  });
  router.post('/tools/registrations', ...change, async (req, res) => {
    const { person } = selectAdministrator(res);
    const address = await registrationAddress(lms, readAddress(req, 'address'), person._id);
    if (fieldOf(req, 'in') === 'window') res.redirect(303, address);
    else res.render('registering', { address });
  });
  router.get('/tools/new', (_req, res) => {
    selectAdministrator(res);
    res.render('new-tool', { registersAt });
  });
  router.post('/tools', ...change, async (req, res) => {
    selectAdministrator(res);
    const tool = await addTool(lms, readTool(req));
    res.redirect(303, `/tools/${tool._id}?done=installed`);
  });
  router.get('/tools/:toolId', async (req, res) => {
    selectAdministrator(res);
    const tool = await selectTool(lms, req);
    const used = (await store.findSiteTool())?._id === tool._id;
    const done = fieldOf(req, 'done', 20);
    res.render('tool', {
      tool,
      used,
      done,
      values: valuesOf(lms, tool),
      command: commandOf(lms, tool),
      toolEnvironment,
    });
  });
  for (const [verb, active] of [
    ['activate', true],
    ['deactivate', false],
  ] as const) {
    router.post(`/tools/:toolId/${verb}`, ...change, async (req, res) => {
      selectAdministrator(res);
      const { _id } = await selectTool(lms, req);
      await store.tools.updateOne({ _id }, { $set: { active } });
      res.redirect(303, `/tools?done=${verb}d`);
    });
  }
  router.post('/tools/:toolId/use', ...change, async (req, res) => {
    selectAdministrator(res);
    const { _id } = await selectTool(lms, req);
    await store.useTool(_id);
    res.redirect(303, '/tools?done=used');
  });
  return router;
}

async function selectTool({ store }: Lms, req: Request): Promise<LmsTool> {
  const tool = await store.tools.findOne({ _id: String(req.params['toolId']) });
  if (tool === null) throw new SiteRefusal(404, 'nothing');
  return tool;
}

function readAddress(req: Request, name: string): string {
  const address = fieldOf(req, name, 2_000);
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) throw new SiteRefusal(400, 'address_unfit');
  return address;
}

function readTool(req: Request): Parameters<typeof addTool>[1] {
  const name = fieldOf(req, 'name', 120);
  if (name === '') throw new SiteRefusal(400, 'name_missing');
  const target = readAddress(req, 'target');
  return {
    name,
    description: '',
    loginUrl: readAddress(req, 'login'),
    redirectUris: [readAddress(req, 'redirect')],
    jwksUrl: readAddress(req, 'keys'),
    targetLinkUri: target,
    deepLinkUri: target,
    scopes: [...SCOPES],
    custom: readCustom(fieldOf(req, 'custom', 4_000)),
    shareName: true,
    shareEmail: true,
    installed: 'manual',
  };
}

/** A line each, `name=value`. */
function readCustom(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^\s*([\w.:-]{1,100})\s*=\s*(.*)$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((line) => (line?.[1] === undefined ? [] : [[line[1], (line[2] ?? '').trim()]])),
  );
}

/** What the tool's operator is told; names are keys of words. */
function valuesOf({ issuer }: Lms, tool: LmsTool): readonly { name: string; value: string }[] {
  return [
    { name: 'issuer', value: issuer },
    { name: 'client_id', value: tool._id },
    { name: 'deployment', value: tool.deploymentId },
    { name: 'auth_url', value: `${issuer}/auth` },
    { name: 'token_url', value: `${issuer}/token` },
    { name: 'jwks_url', value: `${issuer}/keys` },
  ];
}

function commandOf({ issuer }: Lms, tool: LmsTool): string {
  return [
    `npm run platforms -- add --issuer ${issuer} --client-id ${tool._id}`,
    `--auth-url ${issuer}/auth --token-url ${issuer}/token --jwks-url ${issuer}/keys`,
    `--deployment ${tool.deploymentId}`,
  ].join(' ');
}
