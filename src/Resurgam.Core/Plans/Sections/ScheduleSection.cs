using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>What is done again and again.</summary>
internal static class ScheduleSection
{
    private static readonly PlanKey<ScheduledWork> Do = OptionalKey.Required(
        "do",
        DocumentTypes.Choice(
            ("backup", ScheduledWork.Backup),
            ("verify", ScheduledWork.Verify),
            ("copy", ScheduledWork.Copy),
            ("check", ScheduledWork.Check),
            ("scrub", ScheduledWork.Scrub),
            ("expire", ScheduledWork.Expire),
            ("drill", ScheduledWork.Drill)
        ),
        "backup",
        "What is done. Missed, a drill waits for its next time; everything else runs late, once."
    );

    private static readonly PlanKey<string?> Asset = OptionalKey.Text(
        "asset",
        "db",
        "Which asset, for `backup` and `verify`.",
        "every asset"
    );

    private static readonly PlanKey<string?> Drill = OptionalKey.Text(
        "drill",
        "restore-test",
        "Which drill, for `drill`."
    );

    private static readonly PlanKey<CronTime> Cron = OptionalKey.Required(
        "cron",
        DocumentTypes.Cron,
        "'0 4 * * *'",
        "Minute, hour, day of month, month, day of week, as in `crontab(5)`."
    );

    private static readonly PlanKey<string> Zone = new("zone", DocumentTypes.Zone)
    {
        Default = CronTime.Utc,
        Example = "Europe/Vienna",
        About = "Time zone of `cron`. An hour that a clock change repeats counts once.",
    };

    public static readonly PlanSection Section = new(
        "schedules.NAME",
        "Work that recurs.",
        [Do, Asset, Drill, Cron, Zone]
    );

    public static readonly PlanKey<ValueList<Schedule>> Key = OptionalKey.Of(
        "schedules",
        PlanGroups.Named(() => Section, Read),
        "{ daily: { do: backup, cron: '0 4 * * *' } }",
        "Work that `resurgam serve` does on time: a group for each, by its name."
    );

    public static string WordOf(ScheduledWork work) =>
        work switch
        {
            ScheduledWork.Backup => "backup",
            ScheduledWork.Verify => "verify",
            ScheduledWork.Copy => "copy",
            ScheduledWork.Check => "check",
            ScheduledWork.Scrub => "scrub",
            ScheduledWork.Expire => "expire",
            ScheduledWork.Drill => "drill",
        };

    public static void Write(Utf8JsonWriter json, ValueList<Schedule> schedules) =>
        json.WriteNamed(
            "schedules",
            schedules,
            schedule => schedule.Name,
            schedule =>
            {
                json.WriteString("do", WordOf(schedule.Work));
                json.WriteText("asset", schedule.Asset);
                json.WriteText("drill", schedule.Drill);
                json.WriteString("cron", schedule.Cron.Text);
                json.WriteString("zone", schedule.Cron.Zone);
            }
        );

    private static Schedule Read(string name, PlanMapping keys)
    {
        Schedule schedule = new()
        {
            Name = name,
            Work = keys.Get(Do),
            Asset = keys.Get(Asset),
            Drill = keys.Get(Drill),
            Cron = keys.Get(Cron) with { Zone = keys.Get(Zone) },
        };
        if (keys.Has(Do) && schedule.Drill is null != (schedule.Work != ScheduledWork.Drill))
            keys.Self.Refuse(PlanProblems.ScheduleDrill(keys.Self.Path, WordOf(schedule.Work)));
        if (keys.Has(Asset) && schedule.Work is not (ScheduledWork.Backup or ScheduledWork.Verify))
            keys.Self.Report.Add(keys.MarkOf(Asset), PlanProblems.ScheduleAsset(keys.Self.Path, WordOf(schedule.Work)));
        return schedule;
    }
}
