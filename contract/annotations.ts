/** Contract: the names of the annotations. Says nothing of what they mean: that is server/core's. */

/** The part of an annotation's key that follows the prefix and the slash. */
export type AnnotationName =
  | 'role-arn'
  | 'audience'
  | 'sts-regional-endpoints'
  | 'token-expiration'
  | 'skip-containers'
  | 'include-containers'
  | 'region';
