namespace Resurgam.Core.Plans.Checks;

/// <summary>Whoever is needed can be reached.</summary>
internal static class PeopleRules
{
    public static IEnumerable<Finding> Check(Plan plan) =>
        [
            .. plan.People.Where(person => person.Reach.Count == 0).Select(Unreachable),
            .. plan.Channels.Where(channel => channel is { Address: null, Secret: null }).Select(NoAddress),
            .. plan.Severities.Where(severity => severity.Notify.Count == 0).Select(TellsNobody),
            .. plan.Templates.Where(IsFixed).Select(Fixed),
            .. OnCall(plan),
        ];

    private static Finding Unreachable(Person person) =>
        Found.Error(
            "person-unreachable",
            $"people.{person.Name}",
            $"'{person.Name}' cannot be reached: no channel is named",
            "Add 'reach' with the names of channels, the first tried first."
        );

    private static Finding NoAddress(Channel channel) =>
        Found.Error(
            "channel-without-address",
            $"channels.{channel.Name}",
            $"channel '{channel.Name}' has neither address nor secret",
            "Add 'address', or 'secret' when who knows the address can write there."
        );

    private static Finding TellsNobody(Severity severity) =>
        Found.Error(
            "severity-tells-nobody",
            $"severities.{severity.Name}",
            $"severity '{severity.Name}' is told to nobody",
            "Add 'notify' with names of people and channels."
        );

    private static bool IsFixed(NoticeTemplate template) =>
        !$"{template.Subject}{template.Body}".Contains("{{", StringComparison.Ordinal);

    private static Finding Fixed(NoticeTemplate template) =>
        Found.Warning(
            "notice-without-fields",
            $"templates.{template.Name}",
            $"notice '{template.Name}' says the same of every incident",
            "Let times, causes and losses come from the incident: '{{ started }}', '{{ impact }}', '{{ data_loss }}'."
        );

    private static IEnumerable<Finding> OnCall(Plan plan)
    {
        if (plan.OnCall.Count > 0 && plan.OnCall.Select(call => call.Who).Distinct().Count() < 2)
            yield return Found.Warning(
                "on-call-of-one",
                "on-call",
                "nobody is called when the first does not answer",
                "Add a second person to 'on-call', with 'after'."
            );
        if (plan.OnCall.Count == 0 && plan.Severities.Count > 0)
            yield return Found.Warning(
                "on-call-absent",
                "severities",
                "the plan has severities, and nobody is on call",
                "Add 'on-call' with names of people."
            );
    }
}
