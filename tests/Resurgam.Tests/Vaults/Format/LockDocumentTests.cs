using System.Text;
using Resurgam.Core.Vaults.Format;

namespace Resurgam.Tests.Vaults.Format;

public sealed class LockDocumentTests
{
    [Fact]
    public void A_lock_reads_and_is_written_byte_for_byte()
    {
        var found = LockDocument.Read(GoldenDocuments.Utf8(GoldenDocuments.Lock));

        Assert.Equal(
            new LockDocument
            {
                Time = new UnixTime(1_795_444_264, 497_827_796),
                Exclusive = false,
                Hostname = "vm",
                Username = "op",
                Pid = 12345,
                Uid = 1000,
                Gid = 1000,
            },
            found
        );
        Assert.Equal(GoldenDocuments.Lock, Encoding.UTF8.GetString(found.Write()));
    }
}
