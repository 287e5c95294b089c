import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** What the platform sent to begin a login; kept a few minutes, so that the login can be begun again elsewhere. */
export type LoginParameters = {
  iss: string;
  login_hint: string;
  target_link_uri: string;
  client_id: string | null;
  lti_message_hint: string | null;
  lti_deployment_id: string | null;
  lti_storage_target: string | null;
};

/**
 * One login under way. `_id` is its state; `browserHash` is of the key that went to the browser, in a cookie or, where
 * `viaStorage`, kept by the platform.
 */
export type LoginDocument = {
  _id: string;
  nonce: string;
  browserHash: string;
  viaStorage: boolean;
  platformId: string;
  parameters: LoginParameters;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
};

const text = { type: String, required: true };
const optionalText = { type: String, default: null };
const date = { type: Date, required: true };

const loginSchema = new Schema<LoginDocument>(
  {
    _id: text,
    nonce: text,
    browserHash: text,
    viaStorage: { type: Boolean, default: false },
    platformId: text,
    parameters: {
      type: new Schema<LoginParameters>(
        {
          iss: text,
          login_hint: text,
          target_link_uri: text,
          client_id: optionalText,
          lti_message_hint: optionalText,
          lti_deployment_id: optionalText,
          lti_storage_target: optionalText,
        },
        { _id: false },
      ),
      required: true,
    },
    createdAt: date,
    expiresAt: date,
    usedAt: { type: Date, default: null },
  },
  { versionKey: false },
).index({ expiresAt: 1 });

export function loginModel(database: Database) {
  return defineModel<LoginDocument>(database, 'LtiLogin', loginSchema, 'lti_logins');
}
