using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Resurgam.Core.Problems;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Core.Postgres;

/// <param name="Path">Below the data directory.</param>
/// <param name="Checksum">CRC-32C; null when the manifest has another kind of checksum, or none.</param>
public sealed record ManifestFile(string Path, long SizeBytes, UnixTime ModifiedAt, uint? Checksum);

/// <param name="Start">First byte needed.</param>
/// <param name="End">End of the last record needed.</param>
public sealed record BackupWalRange(uint Timeline, Lsn Start, Lsn End);

/// <summary>PostgreSQL's <c>backup_manifest</c>: what <c>pg_verifybackup</c> checks and an incremental backup builds on.</summary>
/// <remarks>Source: PostgreSQL's manual, "Backup Manifest Format". Written with CRC-32C checksums.</remarks>
public sealed record BackupManifest
{
    /// <summary>From PostgreSQL 17 on (version 2); null before.</summary>
    public ulong? SystemIdentifier { get; init; }

    public required IReadOnlyList<ManifestFile> Files { get; init; }
    public required IReadOnlyList<BackupWalRange> WalRanges { get; init; }

    private const string FilesName = "Files";

    public byte[] Write()
    {
        ArrayBufferWriter<byte> output = new();
        Utf8JsonWriter json = new(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteNumber("PostgreSQL-Backup-Manifest-Version", SystemIdentifier is null ? 1 : 2);
        if (SystemIdentifier is { } identifier)
            json.WriteNumber("System-Identifier", identifier);
        json.WriteStartArray(FilesName);
        foreach (var file in Files)
            Write(json, file);
        json.WriteEndArray();
        json.WriteStartArray("WAL-Ranges");
        foreach (var range in WalRanges)
        {
            json.WriteStartObject();
            json.WriteNumber("Timeline", range.Timeline);
            json.WriteString("Start-LSN", range.Start.ToString());
            json.WriteString("End-LSN", range.End.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
        // The checksum is over every byte before its own line: servers check it, so the break is part of the format.
        output.Write(",\n"u8);
        var checksum = Convert.ToHexStringLower(SHA256.HashData(output.WrittenSpan));
        output.Write(Encoding.ASCII.GetBytes($"\"Manifest-Checksum\": \"{checksum}\"}}\n"));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>True when the manifest's own checksum, its last line, is that of the lines before.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.TrimEnd((byte)'\n').LastIndexOf((byte)'\n') + 1;
        var checksum = Convert.ToHexStringLower(SHA256.HashData(bytes[..end]));
        return bytes[end..].IndexOf(Encoding.ASCII.GetBytes(checksum)) > 0;
    }

    /// <exception cref="ResurgamException">It is no manifest.</exception>
    public static BackupManifest Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes.ToArray());
            var root = json.RootElement;
            return new BackupManifest
            {
                SystemIdentifier = root.TryGetProperty("System-Identifier", out var id) ? id.GetUInt64() : null,
                Files = [.. root.GetProperty(FilesName).EnumerateArray().Select(ReadFile)],
                WalRanges = [.. root.GetProperty("WAL-Ranges").EnumerateArray().Select(ReadRange)],
            };
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw PostgresFormatProblems.BadManifest(e);
        }
    }

    private static void Write(Utf8JsonWriter json, ManifestFile file)
    {
        var name = FileNames.Encode(file.Path);
        json.WriteStartObject();
        if (System.Text.Unicode.Utf8.IsValid(name))
            json.WriteString("Path", name);
        else
            json.WriteString("Encoded-Path", Convert.ToHexStringLower(name));
        json.WriteNumber("Size", file.SizeBytes);
        json.WriteString(
            "Last-Modified",
            file.ModifiedAt.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss 'GMT'", CultureInfo.InvariantCulture)
        );
        if (file.Checksum is { } checksum)
        {
            json.WriteString("Checksum-Algorithm", "CRC32C");
            // As the server prints it: the bytes of the number in memory order.
            Span<byte> inMemory = stackalloc byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(inMemory, checksum);
            json.WriteString("Checksum", Convert.ToHexStringLower(inMemory));
        }
        json.WriteEndObject();
    }

    private static ManifestFile ReadFile(JsonElement file)
    {
        var path = file.TryGetProperty("Encoded-Path", out var hex)
            ? FileNames.Decode(Convert.FromHexString(hex.GetString() ?? ""))
            : file.GetProperty("Path").GetString() ?? "";
        var modified = DateTimeOffset.ParseExact(
            file.GetProperty("Last-Modified").GetString() ?? "",
            "yyyy-MM-dd HH:mm:ss 'GMT'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal
        );
        uint? checksum = null;
        if (file.TryGetProperty("Checksum-Algorithm", out var kind) && kind.ValueEquals("CRC32C"))
            checksum = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(
                Convert.FromHexString(file.GetProperty("Checksum").GetString() ?? "")
            );
        return new ManifestFile(path, file.GetProperty("Size").GetInt64(), UnixTime.From(modified), checksum);
    }

    private static BackupWalRange ReadRange(JsonElement range) =>
        new(
            range.GetProperty("Timeline").GetUInt32(),
            Lsn.Parse(range.GetProperty("Start-LSN").GetString()),
            Lsn.Parse(range.GetProperty("End-LSN").GetString())
        );
}
