namespace Resurgam.Adapters.Postgres.Wire;

/// <summary>How much TLS a connection asks for, with libpq's meaning. Ignored on unix sockets, as libpq does.</summary>
public enum SslMode
{
    Disable,

    /// <summary>TLS when the server offers it, whoever it is; otherwise none.</summary>
    Prefer,

    /// <summary>TLS or nothing; the certificate is checked only when root certificates are there.</summary>
    Require,

    /// <summary>The certificate leads to one of the root certificates.</summary>
    VerifyCa,

    /// <summary>As <see cref="VerifyCa"/>, and the certificate names the host.</summary>
    VerifyFull,
}
