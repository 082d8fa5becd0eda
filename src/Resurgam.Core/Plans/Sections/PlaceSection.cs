using System.Text.Json;

namespace Resurgam.Core.Plans.Sections;

/// <summary>Reads and writes what all places of a vault have.</summary>
internal static class PlaceSection
{
    /// <param name="keys">Of a section that has all <see cref="PlaceKeys"/>.</param>
    public static StorePlace Read(PlanMapping keys, PlanValue value)
    {
        var store = keys.Get(PlaceKeys.Store);
        if (keys.Has(PlaceKeys.Store))
        {
            if (store.Kind != StoreKind.S3 && keys.Has(PlaceKeys.S3))
                value.Report.Add(keys.MarkOf(PlaceKeys.S3), PlanProblems.S3Needless(value.Path, store.Written));
            if ((store.Kind == StoreKind.Azure) != keys.Has(PlaceKeys.Azure))
                value.Report.Add(
                    keys.MarkOf(PlaceKeys.Azure),
                    PlanProblems.AzureGroup(value.Path, store.Written, isNeeded: store.Kind == StoreKind.Azure)
                );
        }
        var (s3, azure) = (keys.Get(PlaceKeys.S3), keys.Get(PlaceKeys.Azure));
        return new StorePlace
        {
            Store = store,
            S3 =
                store.Kind == StoreKind.S3
                    ? S3Section.Read(s3 ?? PlanMapping.None(value, S3Keys.Section), value)
                    : null,
            Azure = store.Kind == StoreKind.Azure && azure is not null ? AzureSection.Read(azure, value) : null,
            Bandwidth = keys.Get(PlaceKeys.Bandwidth),
            FailureDomain = keys.Get(PlaceKeys.FailureDomain),
        };
    }

    /// <summary>What follows <c>store</c>.</summary>
    public static void Write(Utf8JsonWriter json, StorePlace place)
    {
        if (place.S3 is { } s3)
            S3Section.Write(json, s3);
        if (place.Azure is { } azure)
            AzureSection.Write(json, azure);
        if (place.Bandwidth is { } bandwidth)
            json.WriteNumber("bandwidth", bandwidth.Bytes);
        json.WriteText("failureDomain", place.FailureDomain);
    }
}
