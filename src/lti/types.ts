/** What the LTI room gives to the rest of the house: plain types, no claim URIs, nothing of ltijs. */

/** A role as LTI's vocabularies reduce to ours; `none` is least privilege (lti.md, Roles). */
export type LtiRole = 'instructor' | 'mentor' | 'learner' | 'administrator' | 'none';

/** The platform's services for one course, as its launches tell; URLs only on hosts pinned at registration. */
export type CourseServices = {
  /** NRPS v2 context_memberships_url. */
  readonly membershipsUrl: string | null;
  /** AGS v2 line items container. */
  readonly lineItemsUrl: string | null;
  /** AGS v2 line item, present only where exactly one is coupled to the link. */
  readonly lineItemUrl: string | null;
  /** Granted AGS scopes. */
  readonly scopes: readonly string[];
  /** The deployment that the course is of: where the operator ended it, its services are not called any more. */
  readonly deploymentId?: string;
};

/** A validated launch. Strings are trimmed and at most 255 characters; absent and unresolved (`$Person…`) values are null. */
export type Launch = {
  readonly platformId: string;
  readonly deploymentId: string;
  readonly messageType: 'LtiResourceLinkRequest' | 'LtiDeepLinkingRequest';
  readonly context: {
    readonly id: string;
    readonly title: string | null;
    readonly label: string | null;
  } | null;
  readonly person: {
    readonly sub: string;
    readonly name: string | null;
    readonly givenName: string | null;
    readonly familyName: string | null;
    readonly email: string | null;
  };
  readonly role: LtiRole;
  /** A preview or test user (Blackboard preview, Canvas test student): never grouped, never graded. */
  readonly testUser: boolean;
  readonly resourceLinkId: string | null;
  readonly targetLinkUri: string;
  /** The page that the link is of, below a launch, where deep linking placed one of its own. */
  readonly opens?: string | null;
  readonly custom: Readonly<Record<string, string>>;
  readonly services: CourseServices;
  readonly locale: string | null;
  /** IANA name, if the platform sent a valid one. */
  readonly timeZone: string | null;
  /** launch_presentation.return_url, only if https (or http where private networks are allowed). */
  readonly returnUrl: string | null;
};

/** One member of a course roster (NRPS v2), normalised: quirks of platforms are gone. */
export type RosterMember = {
  readonly sub: string;
  readonly role: LtiRole;
  readonly testUser: boolean;
  readonly status: 'active' | 'inactive' | 'deleted';
  readonly name: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly email: string | null;
};

/**
 * Reads a whole course roster page by page. Throws RosterError: a roster is complete or an error, never short.
 * A member may come twice over all pages; the later wins.
 */
export type RosterSource = {
  members(
    platformId: string,
    membershipsUrl: string,
    options?: { signal?: AbortSignal; deploymentId?: string },
  ): AsyncIterable<readonly RosterMember[]>;
};

export type LineItemSpec = {
  readonly resourceId: string;
  readonly tag: string;
  readonly label: string;
  readonly scoreMaximum: number;
};

/** A result as the platform holds it; resultScore null means "no grade". */
export type LtiResult = {
  readonly resultScore: number | null;
  readonly resultMaximum: number | null;
  readonly comment: string | null;
};

export type ScoreToPost = {
  readonly sub: string;
  readonly scoreGiven: number;
  readonly scoreMaximum: number;
  readonly comment: string | null;
  readonly timestamp: Date;
  /** Staff ordered this score to stand over a grade of their own, where a platform lets the tool say so (Canvas). */
  readonly overStaff?: boolean;
};

/**
 * The AGS v2 client. All calls throw ServiceError, whose `kind` says what to do: 'permanent' (a sentence for staff),
 * 'retry' (after `retryAfterMs`, if given), 'conflict' (timestamp: re-read, then a newer timestamp).
 */
export type Gradebook = {
  /**
   * The stored URL if still there, else the launch's, else searched by resourceId + tag, else created. Returns the line
   * item's URL. Stored comes first, so that a second link with a column of its own does not split the grades.
   */
  selectLineItem(
    platformId: string,
    services: CourseServices,
    spec: LineItemSpec,
    knownUrl: string | null,
  ): Promise<string>;
  /** Null only where the platform does not let us read results; a person without a result has resultScore null. */
  findResult(
    platformId: string,
    services: CourseServices,
    lineItemUrl: string,
    sub: string,
  ): Promise<LtiResult | null>;
  postScore(
    platformId: string,
    services: CourseServices,
    lineItemUrl: string,
    score: ScoreToPost,
  ): Promise<void>;
};
