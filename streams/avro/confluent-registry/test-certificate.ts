/**
 * A certificate for `localhost` that signs itself, and its key: for the tests of TLS, which talk to
 * this process only. Nobody else trusts it. Made with `openssl req -x509 -days 36500`.
 */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUX6KhmUjJqKR0ewL7OiimUCMp4yEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTAyMjY1NloYDzIxMjYxMTAx
MDIyNjU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASwUcCxf01xAXyx49ov6/XbCqISqjMxnPiBNQiMVxaiylMAsQNeonjk
mSkIoKOrs20Ie0LuNyv192Fj+1NJ2lWBo2kwZzAdBgNVHQ4EFgQUPI1qwpHPiQES
P9OkjV6YUBpEaC8wHwYDVR0jBBgwFoAUPI1qwpHPiQESP9OkjV6YUBpEaC8wDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgep9RryC1fzv1mKxC81erFvW1LU/Jo4Go59ZQCvbXZMgCIGD4HPhnefud
GUOighOiQEWITQPgSchu7htiAcFloqYO
-----END CERTIFICATE-----`;

export const testCertificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwoAeR294RC19EVa0
xXj1y4fcbBfUS1tgG2AO9ROiMz+hRANCAASwUcCxf01xAXyx49ov6/XbCqISqjMx
nPiBNQiMVxaiylMAsQNeonjkmSkIoKOrs20Ie0LuNyv192Fj+1NJ2lWB
-----END PRIVATE KEY-----`;
