using System.Diagnostics;
using System.Text.Json;
using Resurgam.Core.Plans.Yaml;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes where a secret is found.</summary>
internal static class SecretSection
{
    public static PlanType<SecretSource> Type { get; } = new("group of one key, never the secret itself", None, Read);

    public static SecretSource None => new SecretSource.FromEnvironment("");

    public static void Write(Utf8JsonWriter json, string name, SecretSource secret)
    {
        json.WriteStartObject(name);
        switch (secret)
        {
            case SecretSource.FromEnvironment(var variable):
                json.WriteString("env", variable);
                break;
            case SecretSource.FromFile(var path):
                json.WriteString("file", path);
                break;
            case SecretSource.FromCommand(var argv):
                json.WriteTexts("command", argv);
                break;
            default:
                throw new UnreachableException($"no JSON is written for {secret}");
        }
        json.WriteEndObject();
    }

    private static SecretSource Read(PlanValue value)
    {
        if (LooksLikeTheSecretItself(value.Node))
        {
            value.Refuse(PlanProblems.SecretWritten(value.Path));
            return None;
        }
        var keys = new PlanMapping(value, SecretKeys.Section);
        if (value.Node is not YamlNode.Mapping)
            return None;

        var given = SecretKeys.Section.Keys.Count(keys.Has);
        if (given != 1)
            value.Refuse(PlanProblems.SecretChoice(value.Path, given));
        if (keys.Get(SecretKeys.Environment) is { } name)
            return new SecretSource.FromEnvironment(name);
        if (keys.Get(SecretKeys.File) is { } path)
            return new SecretSource.FromFile(path);
        return keys.Get(SecretKeys.Command) is { } argv ? new SecretSource.FromCommand(argv) : None;
    }

    /// <summary>Any text; and a group with a key that is none of ours nor near one, since that may be the secret: it must not be repeated.</summary>
    private static bool LooksLikeTheSecretItself(YamlNode node)
    {
        var known = SecretKeys.Section.Keys.Select(key => key.Name).ToList();
        return node switch
        {
            YamlNode.Scalar scalar => !scalar.IsNothing,
            YamlNode.Mapping mapping => mapping.Entries.Any(entry =>
                !known.Contains(entry.Key.Text) && Nearest.Of(entry.Key.Text, known) is null
            ),
            YamlNode.Sequence => false,
            _ => throw new UnreachableException($"no reading is written for {node.Shape}"),
        };
    }
}
