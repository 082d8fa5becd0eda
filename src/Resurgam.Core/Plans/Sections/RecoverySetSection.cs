using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Assets that are captured, and come back, as one.</summary>
internal static class RecoverySetSection
{
    private static readonly PlanType<ValueList<string>> Members = new(
        "list of names, at least one",
        [],
        value =>
        {
            var names = DocumentTypes.Names.Read(value);
            if (value.Node is YamlNode.Sequence { Items.Count: 0 })
                value.Refuse(PlanProblems.Type(value.Path, "a list with at least one asset", "nothing", value.Example));
            return [.. names.Distinct()];
        }
    );

    private static readonly PlanKey<ValueList<string>> Assets = OptionalKey.Required(
        "assets",
        Members,
        "[db, sessions, policies]",
        "Names of assets, in the order in which they are captured and come back: what takes longest first."
    );

    private static readonly PlanKey<string?> About = OptionalKey.Text(
        "about",
        "Orders and the sessions that belong to them.",
        "What they are together, for people."
    );

    private static readonly PlanKey<ValueList<string>> Hold = OptionalKey.Required(
        "hold",
        PlanTypes.Argv,
        "[/usr/local/bin/shop, pause-writes]",
        "Program and arguments that stop all writing; never a shell line."
    );

    private static readonly PlanKey<ValueList<string>> Release = OptionalKey.Required(
        "release",
        PlanTypes.Argv,
        "[/usr/local/bin/shop, resume-writes]",
        "Program and arguments that let it go on; run in any event."
    );

    private static readonly PlanKey<TimeSpan> Limit = new("limit", DocumentTypes.Span)
    {
        Default = "1m",
        Example = "30s",
        About = "Longest that it may hold: then it is released, and there is no recovery point.",
    };

    public static readonly PlanSection BarrierSection = new(
        "recovery-sets.NAME.barrier",
        "Keeps the assets still while those without a stream are captured.",
        [Hold, Release, Limit]
    );

    private static readonly PlanKey<SetBarrier?> Barrier = OptionalKey.Of(
        "barrier",
        PlanGroups.One(() => BarrierSection, ReadBarrier),
        "{ hold: [shop, pause-writes], release: [shop, resume-writes] }",
        "Keeps the assets still for the moment. Without it they are a moment apart; the ledger says how far."
    );

    public static readonly PlanSection Section = new(
        "recovery-sets.NAME",
        "Assets that are captured as one recovery point and come back to one moment.",
        [Assets, About, Barrier]
    );

    public static readonly PlanKey<ValueList<RecoverySet>> Key = OptionalKey.Of(
        "recovery-sets",
        PlanGroups.Named(() => Section, Read),
        "{ platform: { assets: [db, sessions, policies] } }",
        "Assets that are of use only together, by the name of the whole."
    );

    public static void Write(Utf8JsonWriter json, ValueList<RecoverySet> sets) =>
        json.WriteNamed(
            "recoverySets",
            sets,
            set => set.Name,
            set =>
            {
                json.WriteTexts("assets", set.Assets);
                json.WriteText("about", set.About);
                if (set.Barrier is not { } barrier)
                    return;
                json.WriteStartObject("barrier");
                json.WriteTexts("hold", barrier.Hold);
                json.WriteTexts("release", barrier.Release);
                json.WriteSpan("limit", barrier.Limit);
                json.WriteEndObject();
            }
        );

    private static RecoverySet Read(string name, PlanMapping keys)
    {
        if (!AssetId.TryParse(name, out _))
            keys.Self.Refuse(PlanProblems.AssetName(name));
        return new RecoverySet
        {
            Name = name,
            Assets = keys.Get(Assets),
            About = keys.Get(About),
            Barrier = keys.Get(Barrier),
        };
    }

    private static SetBarrier ReadBarrier(PlanMapping keys) => new(keys.Get(Hold), keys.Get(Release), keys.Get(Limit));
}
