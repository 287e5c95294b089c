import { Schema, type UpdateQuery } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';
import type { Platform } from './platforms.ts';

/** A key pair of ours: `privateKey` is PKCS #8 PEM, sealed (sealed.ts); the newest signs, older ones stay listed. */
export type KeptKey = { keyId: string; publicKey: string; privateKey: string; createdAt: Date };

/** Keys live in their platform's document, so that none can ever be without the other. */
export type PlatformDocument = Omit<Platform, 'id' | 'keyId'> & { _id: string; keys: KeptKey[] };

export type PlatformUpdate = UpdateQuery<PlatformDocument>;

const text = { type: String, required: true };
const texts = { type: [String], required: true };

const schema = new Schema<PlatformDocument>(
  {
    _id: text,
    issuer: text,
    clientId: text,
    name: text,
    family: text,
    authUrl: text,
    tokenUrl: text,
    tokenAudience: text,
    jwksUrl: text,
    deployments: { type: String, enum: ['listed', 'learn'], required: true },
    deploymentIds: texts,
    revokedDeploymentIds: texts,
    serviceHosts: texts,
    frameOrigins: texts,
    scopes: texts,
    state: { type: String, enum: ['active', 'disabled'], required: true },
    keys: {
      type: [
        new Schema<KeptKey>(
          { keyId: text, publicKey: text, privateKey: text, createdAt: { type: Date, required: true } },
          { _id: false },
        ),
      ],
      required: true,
    },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
).index({ issuer: 1, clientId: 1 }, { unique: true });

/** The model of registered platforms. */
export function platformModel(database: Database) {
  return defineModel<PlatformDocument>(database, 'LtiPlatform', schema, 'lti_platforms');
}
