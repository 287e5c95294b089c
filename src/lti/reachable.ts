import ipaddr from 'ipaddr.js';

const PUBLIC_RANGES = ['unicast'];
const PRIVATE_RANGES = ['unicast', 'loopback', 'private', 'uniqueLocal', 'carrierGradeNat'];

/**
 * Where clouds tell a machine its own secrets, in ranges that are allowed otherwise; the link-local ones are in none.
 * AWS by IPv6, Google by IPv6, Alibaba, Azure, in this order.
 */
const METADATA = ['fd00:ec2::/32', 'fd20:ce::/32', '100.100.100.200/32', '168.63.129.16/32'].map((range) =>
  ipaddr.parseCIDR(range),
);
/** All that is given out of IPv6 (RFC 4291, 2.4); beyond it lie old ways of writing an IPv4 address as one of IPv6. */
const GIVEN_OUT = ipaddr.parseCIDR('2000::/3');

/**
 * Whether a call may end at this address.
 * @param address as an IP literal; a zone is let be
 * @param allowPrivateNetwork lets loopback and private addresses be reached; those of clouds' metadata never are
 */
export function isReachable(address: string, allowPrivateNetwork: boolean): boolean {
  // An IPv4 address in the clothes of IPv6 (::ffff:…) is judged as what it is.
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
  const range = parsed.range();
  if (METADATA.some((one) => one[0].kind() === parsed.kind() && parsed.match(one))) return false;
  if (parsed.kind() === 'ipv6' && range === 'unicast' && !parsed.match(GIVEN_OUT)) return false;
  return (allowPrivateNetwork ? PRIVATE_RANGES : PUBLIC_RANGES).includes(range);
}
