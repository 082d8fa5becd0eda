using System.Net.Sockets;
using Resurgam.Adapters.Network;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Network;

public sealed class SocketFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_file_that_is_no_socket_stays_as_it_is()
    {
        var path = _folder.Combine("plan.yaml");
        File.WriteAllText(path, "resurgam: 1");

        Assert.Throws<IOException>(() => SocketFile.ClearLeft(path));
        Assert.Equal("resurgam: 1", File.ReadAllText(path));
    }

    [Fact]
    public void A_socket_goes_when_nobody_listens_and_stays_while_somebody_does()
    {
        var (living, dead) = (_folder.Combine("living"), _folder.Combine("dead"));
        using var listening = Listen(living);
        using (Listen(_folder.Combine("bound")))
            File.Move(_folder.Combine("bound"), dead); // closing would take it away with it

        SocketFile.ClearLeft(living);
        SocketFile.ClearLeft(dead);
        SocketFile.ClearLeft(_folder.Combine("absent"));

        Assert.True(File.Exists(living));
        Assert.False(File.Exists(dead));
    }

    public void Dispose() => _folder.Dispose();

    private static Socket Listen(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
