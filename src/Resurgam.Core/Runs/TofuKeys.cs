using Resurgam.Core.Plans;
using Resurgam.Core.Values;

namespace Resurgam.Core.Runs;

/// <summary>The keys that both actions on OpenTofu have.</summary>
internal static class TofuKeys
{
    public static readonly PlanKey<string> Folder = new("folder", PlanTypes.AbsolutePath)
    {
        IsRequired = true,
        Example = "/srv/recovery/cluster",
        About = "Folder of the configuration, initialised with `tofu init`.",
    };

    public static readonly PlanKey<string> File = new("file", PlanTypes.AbsolutePath)
    {
        IsRequired = true,
        Example = "/srv/recovery/cluster.plan",
        About = "The saved plan of OpenTofu. It may hold secrets: nobody else should read it.",
    };

    public static readonly PlanKey<string> Program = new("program", PlanTypes.Text)
    {
        Default = "tofu",
        Example = "/usr/bin/terraform",
        About = "The program: a path, or a name in `PATH`.",
    };

    public static readonly PlanKey<ValueList<string>> MayDelete = new("may-delete", RunbookTypes.Texts)
    {
        DefaultInWords = "nothing is deleted or replaced",
        Example = "[aws_instance, aws_autoscaling_group]",
        About = "Types of resources that hold no data: only these may be deleted or replaced.",
    };
}
