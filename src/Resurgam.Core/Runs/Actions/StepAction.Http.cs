using Resurgam.Core.Plans;

namespace Resurgam.Core.Runs;

public abstract partial record StepAction
{
    /// <summary>One HTTP request to a target.</summary>
    public sealed record Http : StepAction
    {
        private static readonly PlanKey<string> MethodKey = new("method", RunbookTypes.Method)
        {
            Default = "GET",
            Example = "POST",
            About = "`GET`, `HEAD`, `PUT`, `DELETE`, `POST` or `PATCH`. The last two are not repeated after a crash.",
        };

        private static readonly PlanKey<string?> BodyKey = new("body", PlanTypes.Text.OrNone)
        {
            DefaultInWords = "none",
            Example = "'{\"maintenance\": true}'",
            About = "What is sent; JSON.",
        };

        internal static ActionForm Form { get; } =
            new(
                "http",
                "Sends a request to a target of kind `web`.",
                [ActionForms.Target, MethodKey, ActionForms.Path, BodyKey, ActionForms.Status],
                keys => new Http
                {
                    To = new TargetId(keys.Get(ActionForms.Target)),
                    Method = keys.Get(MethodKey),
                    Path = keys.Get(ActionForms.Path),
                    Body = keys.Get(BodyKey),
                    Status = keys.Get(ActionForms.Status),
                }
            );

        public required TargetId To { get; init; }

        public required string Method { get; init; }

        public required string Path { get; init; }

        public string? Body { get; init; }

        public required int Status { get; init; }

        public override string Kind => Form.Name;

        public override TargetId? Target => To;

        internal override IReadOnlyList<string> TargetKinds => [Runs.Target.Web.KindName];

        /// <summary>RFC 9110, section 9.2.2.</summary>
        public override bool IsIdempotent => Method is not ("POST" or "PATCH");

        public override bool IsHarmless => Method is "GET" or "HEAD";

        public override string Describe() => $"{Method} {Path} of {To}";
    }
}
