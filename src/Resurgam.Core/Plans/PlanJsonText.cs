using System.Text.Json;
using Resurgam.Core.Values;

namespace Resurgam.Core.Plans;

/// <summary>What the sections of the canonical form share.</summary>
internal static class PlanJsonText
{
    extension(Utf8JsonWriter json)
    {
        /// <summary>Nothing when there is none.</summary>
        public void WriteText(string name, string? text)
        {
            if (text is not null)
                json.WriteString(name, text);
        }

        public void WriteTexts(string name, ValueList<string> texts)
        {
            json.WriteStartArray(name);
            foreach (var text in texts)
                json.WriteStringValue(text);
            json.WriteEndArray();
        }
    }
}
