using System.Text;
using ActionTrail.Layout;

namespace ActionTrail.Tests.LayoutTests;

public class Hash64Tests
{
    // Vectors of the published XXH64 algorithm, seed 0.
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void Agrees_with_the_published_vectors(string text, ulong expected)
    {
        Assert.Equal(expected, Hash64.Of(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(expected, Hash64.Of(text));
    }

    [Fact]
    public void Texts_longer_than_the_stack_buffer_hash_alike()
    {
        var text = new string('é', 400);
        Assert.Equal(Hash64.Of(Encoding.UTF8.GetBytes(text)), Hash64.Of(text));
    }
}
