/** The kind of evidence that a roll leaves: a row a member, of each meetup in their time. */
export const MEETUP = 'meetup';
