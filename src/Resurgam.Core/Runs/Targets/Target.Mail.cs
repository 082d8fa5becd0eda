using Resurgam.Core.Plans;
using Resurgam.Core.Plans.Kinds;
using Resurgam.Core.Plans.Sections;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

public abstract partial record Target
{
    /// <summary>People who are reached by mail, and the server that takes it for them.</summary>
    public sealed record Mail : Target
    {
        public const string KindName = "mail";

        private static readonly PlanKey<string> HostKey = new("host", PlanTypes.Host)
        {
            IsRequired = true,
            Example = "mail.example.net",
            About = "Name or address of a server that takes mail by SMTP.",
        };

        private static readonly PlanKey<int> PortKey = new("port", PlanTypes.Port)
        {
            Default = "587",
            Example = "25",
            About = "Its port; with `security: tls` usually 465.",
        };

        private static readonly PlanKey<MailSecurity> SecurityKey = new(
            "security",
            DocumentTypes.Choice(
                ("starttls", MailSecurity.StartTls),
                ("tls", MailSecurity.Tls),
                ("none", MailSecurity.None)
            )
        )
        {
            Default = "starttls",
            Example = "tls",
            About =
                "`starttls`: a session that begins plain must become encrypted; `tls`: from the first byte; `none`: never, and then without a password.",
        };

        private static readonly PlanKey<string?> UserKey = new("user", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "none: then without a login",
            Example = "resurgam",
            About = "Who logs in.",
        };

        private static readonly PlanKey<SecretSource?> PasswordKey = new("password", SecretSection.Type.OrNone)
        {
            DefaultInWords = "none",
            Example = "{ file: /etc/resurgam/mail }",
            About = "Where the user's password is found: `env`, `file` or `command`, as in `vault.secret`.",
        };

        private static readonly PlanKey<string> FromKey = new("from", RunbookTypes.MailAddress)
        {
            IsRequired = true,
            Example = "resurgam@example.net",
            About = "Who writes.",
        };

        private static readonly PlanKey<ValueList<string>> ToKey = new("to", RunbookTypes.MailAddresses)
        {
            IsRequired = true,
            Example = "[sre@example.net, cto@example.net]",
            About = "Who is told.",
        };

        internal static TargetForm Form { get; } =
            new(
                KindName,
                ("People who are reached by mail. No drill writes to them.", ""),
                [HostKey, PortKey, SecurityKey, RedisKeys.CaFile, UserKey, PasswordKey, FromKey, ToKey],
                Read,
                drillExample: null
            );

        public override string Kind => KindName;

        public required string Host { get; init; }

        public required int Port { get; init; }

        public required MailSecurity Security { get; init; }

        /// <summary>PEM file. Null: the system's certificates.</summary>
        public string? CaFile { get; init; }

        /// <summary>Null: without a login.</summary>
        public string? User { get; init; }

        public SecretSource? Password { get; init; }

        public required string From { get; init; }

        public required ValueList<string> To { get; init; }

        private static Mail Read(TargetId id, PlanMapping keys)
        {
            Mail target = new()
            {
                Id = id,
                Host = keys.Get(HostKey),
                Port = keys.Get(PortKey),
                Security = keys.Get(SecurityKey),
                CaFile = keys.Get(RedisKeys.CaFile),
                User = keys.Get(UserKey),
                Password = keys.Get(PasswordKey),
                From = keys.Get(FromKey),
                To = keys.Get(ToKey),
            };
            if (
                target.User is null != target.Password is null
                || target is { User: not null, Security: MailSecurity.None }
            )
                keys.Self.Refuse(RunbookProblems.MailLogin(keys.Self.Path));
            return target;
        }
    }
}

/// <summary>How a session with a mail server is kept from being read.</summary>
public enum MailSecurity
{
    StartTls,
    Tls,
    None,
}
