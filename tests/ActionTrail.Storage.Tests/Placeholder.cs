namespace ActionTrail.Storage.Tests;

public class Placeholder
{
    [Fact]
    public void Builds() => Assert.NotNull(typeof(Placeholder));
}
